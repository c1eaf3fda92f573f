// <call-timeline>: a lane for each party, the assistant, Twilio and Warmline; what happened in it, by time.
//
// It says `choose` (detail: the entry's number) when somebody opens an entry, and `seek` (detail: milliseconds) when
// somebody points at a time. It shows no messages: <call-page> does.

import { keepList, make, makeIcon, place } from "./elements.js";
import { LINE_PX, packLane, tickLabel, ticks } from "./timeline-layout.js";
import { moveFocus } from "./timeline-keys.js";
import { clock, describe } from "./words.js";

const NAMES_PX = 108;
const NARROW_NAMES_PX = 84;
const NARROW_PX = 560;
// Room after the end for the label of what happened last.
const TAIL_PX = 150;
const NARROW_TAIL_PX = 80;
const HINT =
  "Point at an entry to read it here. Open it, by a click or Enter, for its exact messages; arrow keys go on.";
// A span that is shorter has no room for its picture.
const THIN_PX = 20;
const ZOOM_STEP = 1.6;
const MOST_ZOOM = 400;
const TICK_MS = 500;

export class CallTimeline extends HTMLElement {
  connectedCallback() {
    if (this.frame) return;
    this.zoom = 1;
    this.chosen = null;
    this.classList.add("timeline");
    this.readout = make("p", { class: "timeline-readout small", "aria-hidden": "true" }, HINT);
    this.axis = make("div", { class: "timeline-axis", "aria-hidden": "true" });
    this.rows = make("div", { class: "timeline-rows" });
    this.head = make("div", { class: "timeline-head", hidden: true, "aria-hidden": "true" });
    const corner = make("div", { class: "timeline-corner" });
    this.sheet = make("div", { class: "timeline-sheet" }, corner, this.axis, this.rows, this.head);
    this.frame = make("div", { class: "timeline-frame" }, this.sheet);
    this.append(this.frame, this.readout);
    this.listen();
    new ResizeObserver(() => this.layOut()).observe(this.frame);
  }

  disconnectedCallback() {
    clearInterval(this.ticking);
  }

  /** Shows a whole view. With `live`, the timeline grows by itself until the next one. */
  show(view, { live = false } = {}) {
    this.view = view;
    this.shownAt = performance.now();
    this.live = live;
    clearInterval(this.ticking);
    if (live) this.ticking = setInterval(() => this.layOut(), TICK_MS);
    this.names = new Map(view.lanes.map((lane) => [lane.id, lane.name]));
    this.byNumber = new Map(view.entries.map((entry) => [entry.number, entry]));
    keepList(this.rows, view.lanes, (lane) => lane.id, makeLane, nameLane);
    for (const row of this.rows.children) this.fillLane(row);
    const buttons = [...this.rows.querySelectorAll("button")];
    if (!buttons.some((button) => button.tabIndex === 0) && buttons.length) buttons[0].tabIndex = 0;
    this.layOut();
  }

  /** Marks the entry whose messages are open; null: none. */
  mark(number) {
    this.chosen = number;
    for (const button of this.rows.querySelectorAll("button")) {
      button.setAttribute("aria-expanded", String(Number(button.dataset.number) === number));
    }
  }

  /** Puts the focus on an entry and brings it into sight. */
  focusEntry(number) {
    const button = this.rows.querySelector(`button[data-number="${number}"]`);
    if (!button) return;
    for (const other of this.rows.querySelectorAll('button[tabindex="0"]')) other.tabIndex = -1;
    button.tabIndex = 0;
    button.focus({ preventScroll: true });
    this.bringIntoSight(button);
  }

  /** Where a recording is now, in milliseconds of the call; null: none plays. */
  setPlayhead(ms) {
    this.playhead = ms;
    this.head.hidden = ms === null;
    if (ms !== null) place(this.head, { "--at": `${this.namesPx() + ms * this.scale}px` });
  }

  /** The buttons that zoom, for whoever shows the timeline to put where they fit. */
  makeControls() {
    const change = (factor) => () => this.setZoom(factor && this.zoom * factor);
    this.out = make("button", { type: "button", "aria-label": "Zoom out", onclick: change(1 / ZOOM_STEP) }, "−");
    this.fit = make("button", { type: "button", onclick: change(0) }, "Whole call");
    this.into = make("button", { type: "button", "aria-label": "Zoom in", onclick: change(ZOOM_STEP) }, "+");
    return make(
      "div",
      { class: "timeline-zoom row", role: "group", "aria-label": "Zoom" },
      this.out,
      this.fit,
      this.into,
    );
  }

  setZoom(zoom) {
    const middle = (this.frame.scrollLeft + this.frame.clientWidth / 2 - this.namesPx()) / this.scale;
    this.zoom = Math.min(MOST_ZOOM, Math.max(1, zoom || 1));
    this.layOut();
    this.frame.scrollLeft = middle * this.scale + this.namesPx() - this.frame.clientWidth / 2;
  }

  listen() {
    this.rows.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.dispatchEvent(new CustomEvent("choose", { detail: Number(button.dataset.number) }));
      else this.seekTo(event);
    });
    this.axis.addEventListener("click", (event) => this.seekTo(event));
    for (const name of ["focusin", "pointerover"]) {
      this.rows.addEventListener(name, (event) => this.readOut(event.target.closest("button")));
    }
    this.rows.addEventListener("keydown", (event) => {
      if (event.key === "+" || event.key === "-")
        this.setZoom(this.zoom * (event.key === "+" ? ZOOM_STEP : 1 / ZOOM_STEP));
      else moveFocus(this, event);
    });
  }

  seekTo(event) {
    const ms = (event.clientX - this.sheet.getBoundingClientRect().left - this.namesPx()) / this.scale;
    if (ms >= 0 && ms <= this.endMs()) this.dispatchEvent(new CustomEvent("seek", { detail: Math.round(ms) }));
  }

  readOut(button) {
    const entry = button && this.byNumber.get(Number(button.dataset.number));
    if (entry) this.readout.textContent = `${clock(entry.at_ms)}  ${this.names.get(entry.lane)}: ${entry.title}`;
  }

  fillLane(row) {
    const entries = this.view.entries.filter((entry) => entry.lane === row.dataset.lane);
    const update = (item, entry) => updateEntry(item, entry, this.names.get(entry.lane));
    keepList(row.lastElementChild, entries, (entry) => entry.number, makeEntry, update);
  }

  isNarrow() {
    return this.frame.clientWidth < NARROW_PX;
  }

  namesPx() {
    return this.isNarrow() ? NARROW_NAMES_PX : NAMES_PX;
  }

  endMs() {
    return Math.max(1000, this.view.now_ms + (this.live ? performance.now() - this.shownAt : 0));
  }

  layOut() {
    if (!this.view || !this.frame.clientWidth) return;
    const tail = this.isNarrow() ? NARROW_TAIL_PX : TAIL_PX;
    const room = Math.max(120, this.frame.clientWidth - this.namesPx() - tail);
    const end = this.endMs();
    this.scale = (room / end) * this.zoom;
    place(this.sheet, { "--names": `${this.namesPx()}px`, width: `${this.namesPx() + end * this.scale + tail}px` });
    for (const row of this.rows.children) this.layOutLane(row, end, end * this.scale + tail);
    this.layOutAxis(end);
    if (this.out) this.out.disabled = this.zoom <= 1;
    this.setPlayhead(this.playhead ?? null);
  }

  layOutLane(row, end, room) {
    const entries = this.view.entries
      .filter((entry) => entry.lane === row.dataset.lane)
      .map((entry) => (entry.open ? { ...entry, until_ms: Math.max(entry.until_ms ?? 0, end) } : entry));
    const { places, lines } = packLane(entries, this.scale, room);
    place(row, { "--height": `${lines * LINE_PX + 10}px` });
    for (const item of row.lastElementChild.children) {
      const { left, width, line, moment, label } = places.get(Number(item.firstElementChild.dataset.number));
      const top = `${line * LINE_PX + 5}px`;
      place(item, { "--left": `${left}px`, "--width": `${width}px`, "--top": top, "--label": `${label}px` });
      item.firstElementChild.classList.toggle("moment", moment);
      item.firstElementChild.classList.toggle("bare", label === 0);
      item.firstElementChild.classList.toggle("thin", width < THIN_PX);
    }
  }

  layOutAxis(end) {
    const { times, step } = ticks(end, this.scale);
    keepList(
      this.axis,
      times,
      (time) => `${time}/${step}`,
      (time) => make("span", {}, tickLabel(time, step)),
      (tick, time) => place(tick, { "--at": `${this.namesPx() + time * this.scale}px` }),
    );
  }

  bringIntoSight(button) {
    const frame = this.frame.getBoundingClientRect();
    const box = button.getBoundingClientRect();
    if (box.left < frame.left + this.namesPx()) this.frame.scrollLeft += box.left - frame.left - this.namesPx() - 20;
    else if (box.right > frame.right)
      this.frame.scrollLeft += Math.min(box.right - frame.right, box.left - frame.left - this.namesPx()) + 20;
    button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function makeLane(lane) {
  const row = make("div", { class: "lane", "data-lane": lane.id, "data-kind": lane.kind });
  row.append(make("div", { class: "lane-name", "aria-hidden": "true" }), make("ol", { class: "lane-track" }));
  return row;
}

function nameLane(row, lane) {
  row.firstElementChild.textContent = lane.name;
  row.lastElementChild.setAttribute("aria-label", lane.name);
}

function makeEntry(entry) {
  const face = make("span", { class: "entry-face" }, makeIcon(entry.kind), make("span", { class: "entry-label" }));
  return make("li", {}, make("button", { type: "button", tabindex: -1, "data-number": entry.number }, face));
}

function updateEntry(item, entry, laneName) {
  if (item.shown === entry && item.laneName === laneName) return;
  Object.assign(item, { shown: entry, laneName });
  const button = item.firstElementChild;
  button.className = `entry kind-${entry.kind} tone-${entry.tone}`;
  button.classList.toggle("open-ended", entry.open);
  button.setAttribute("aria-label", describe(entry, laneName));
  button.setAttribute("aria-expanded", button.getAttribute("aria-expanded") ?? "false");
  button.title = entry.title;
  button.querySelector(".entry-label").textContent = entry.label ?? entry.title;
}

customElements.define("call-timeline", CallTimeline);
