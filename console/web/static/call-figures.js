// <call-figures>: how fast the call was and what it cost, each with what it means.

import { make } from "./elements.js";
import { dollars, lasting } from "./words.js";

// What each figure is called, how it is written, and what it means in one line.
const FIGURES = {
  first_word_ms: ["First word", lasting, "From the answer until the caller hears the assistant."],
  interruptions: ["Interruptions", writeCount, "How often the caller spoke while the assistant did."],
  interruption_ms: [
    "Stops talking in",
    lasting,
    "The longest time from an interruption until the assistant is silent.",
  ],
  longest_silence_ms: ["Longest silence", lasting, "In the caller's ear, while the caller did not speak either."],
  cost_usd: ["Cost", dollars, "Of the model, by the list of prices. Twilio's minutes come on top."],
  tokens: ["Tokens", writeCount, "What the model read and wrote, sound and text."],
};

export class CallFigures extends HTMLElement {
  show(view) {
    const running = view.summary.outcome === "running";
    const shown = JSON.stringify([view.figures, running]);
    if (this.shown === shown) return;
    this.shown = shown;
    this.replaceChildren(
      make(
        "dl",
        { class: "figures" },
        ...Object.entries(FIGURES).map((figure) => makeFigure(figure, view.figures, running)),
      ),
    );
  }
}

function writeCount(number) {
  return number.toLocaleString("en");
}

function makeFigure([name, [label, write, meaning]], figures, running) {
  const value = figures[name];
  const known = value !== null && value !== undefined;
  const counted = ["cost_usd", "tokens"].includes(name);
  const title = running && counted ? `${label} so far` : label;
  const text = known ? write(value) : running ? "not yet" : counted ? "not known" : "none";
  return make(
    "div",
    { class: known ? "figure" : "figure unknown" },
    make("dt", {}, title),
    make("dd", { class: "figure-value number" }, text),
    make("dd", { class: "soft small" }, meaning),
  );
}

customElements.define("call-figures", CallFigures);
