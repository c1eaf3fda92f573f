// <call-entries>: the timeline as a list, for narrow screens, screen readers and whoever likes to read.
//
// It says `choose` (detail: the entry's number), as <call-timeline> does.

import { keepList, make, makeIcon } from "./elements.js";
import { clock, describe } from "./words.js";

export class CallEntries extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.list = make("ol", { class: "entries" });
    this.append(this.list);
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.dispatchEvent(new CustomEvent("choose", { detail: Number(button.dataset.number) }));
    });
    this.list.addEventListener("keydown", (event) => this.walk(event));
    this.list.addEventListener("focusin", (event) => this.makeStop(event.target));
  }

  show(view) {
    const lanes = new Map(view.lanes.map((lane) => [lane.id, lane]));
    const entries = [...view.entries].sort((a, b) => a.at_ms - b.at_ms || a.number - b.number);
    keepList(
      this.list,
      entries,
      (entry) => entry.number,
      makeRow,
      (row, entry) => updateRow(row, entry, lanes.get(entry.lane)),
    );
    if (!this.list.querySelector('button[tabindex="0"]')) this.makeStop(this.list.querySelector("button"));
  }

  // One stop for the Tab key, as on the timeline: arrow keys go on from there.
  makeStop(button) {
    for (const other of this.list.querySelectorAll('button[tabindex="0"]')) other.tabIndex = -1;
    if (button) button.tabIndex = 0;
  }

  mark(number) {
    for (const button of this.list.querySelectorAll("button")) {
      button.setAttribute("aria-expanded", String(Number(button.dataset.number) === number));
    }
  }

  focusEntry(number) {
    this.list.querySelector(`button[data-number="${number}"]`)?.focus();
  }

  walk(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const ends = { Home: this.list.firstElementChild, End: this.list.lastElementChild };
    const row = event.target.closest("li");
    const next = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
    if (!step && !(event.key in ends)) return;
    event.preventDefault();
    (ends[event.key] ?? next)?.firstElementChild.focus();
  }
}

function makeRow(entry) {
  const parts = ["entry-time number", "entry-lane", "entry-title"].map((name) => make("span", { class: name }));
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", tabindex: -1, "data-number": entry.number, "aria-expanded": "false" },
      parts[0],
      makeIcon(entry.kind),
      parts[1],
      parts[2],
    ),
  );
}

function updateRow(row, entry, lane) {
  if (row.shown === entry && row.laneName === lane?.name) return;
  Object.assign(row, { shown: entry, laneName: lane?.name });
  const button = row.firstElementChild;
  const [time, , name, title] = button.children;
  button.className = `entry-row tone-${entry.tone}`;
  button.dataset.kind = lane?.kind ?? "";
  button.setAttribute("aria-label", describe(entry, lane?.name ?? ""));
  time.textContent = clock(entry.at_ms);
  name.textContent = lane?.name ?? "";
  title.textContent = entry.title;
}

customElements.define("call-entries", CallEntries);
