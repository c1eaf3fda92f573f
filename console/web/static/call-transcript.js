// <call-transcript>: what was said, by whom; the words that were heard, told apart from those that were cut off.
//
// It says `seek` (detail: milliseconds of the call) when somebody points at the time of a turn.

import { keepList, make } from "./elements.js";
import { clock } from "./words.js";

const EMPTY = "No words yet. They appear here as soon as they are understood.";
const NO_WORDS = "There are no words of this call.";
const NEVER_HEARD = "Cut off, never heard:";

export class CallTranscript extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.list = make("ol", { class: "turns" });
    this.empty = make("p", { class: "soft" });
    this.key = make(
      "p",
      { class: "soft small", hidden: true },
      "Struck through: words that were made, and that nobody heard because somebody interrupted.",
    );
    this.append(this.empty, this.list, this.key);
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.dispatchEvent(new CustomEvent("seek", { detail: Number(button.dataset.at) }));
    });
  }

  show(view) {
    this.turns = [...view.turns].sort((a, b) => a.at_ms - b.at_ms || a.number - b.number);
    keepList(this.list, this.turns, (turn) => turn.number, makeTurn, updateTurn);
    this.empty.textContent = view.summary.outcome === "running" ? EMPTY : NO_WORDS;
    this.empty.hidden = this.turns.length > 0;
    this.key.hidden = !this.turns.some((turn) => turn.cut);
  }

  /** Marks the turn that a recording is at; null: none plays. */
  setPlayhead(ms) {
    const now = ms === null ? undefined : this.turns.findLast((turn) => turn.at_ms <= ms)?.number;
    for (const [number, element] of this.list.keptElements ?? []) element.classList.toggle("now", number === now);
  }
}

function makeTurn(turn) {
  const time = make("button", { type: "button", class: "turn-time number" });
  return make(
    "li",
    { class: `turn from-${turn.speaker}` },
    time,
    make("span", { class: "turn-name" }),
    make("p", { class: "turn-words" }),
  );
}

function updateTurn(element, turn) {
  const shown = JSON.stringify(turn);
  if (element.shown === shown) return;
  element.shown = shown;
  const [time, name, words] = element.children;
  name.textContent = turn.name;
  time.textContent = clock(turn.at_ms);
  time.dataset.at = turn.at_ms;
  time.setAttribute("aria-label", `${clock(turn.at_ms)}: show on the timeline`);
  const parts = turn.heard ? [make("span", {}, turn.heard)] : [];
  if (turn.cut) {
    if (turn.heard) parts.push(" ");
    parts.push(make("span", { class: "cut-label" }, NEVER_HEARD), " ", make("del", { class: "cut" }, turn.cut));
  }
  words.replaceChildren(...parts);
}

customElements.define("call-transcript", CallTranscript);
