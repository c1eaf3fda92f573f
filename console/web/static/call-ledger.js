// <call-ledger>: every attempt to reach a person, with each telephone that was rung for it.

import { make } from "./elements.js";
import { clock, lasting } from "./words.js";

const RUNNING = "Nobody has been asked to take this call yet. Each attempt to reach a person will stand here.";
const OVER = "Nobody was asked to take this call.";
const GOOD = new Set(["bridged", "talked", "completed", "accepted"]);

export class CallLedger extends HTMLElement {
  show(view) {
    const running = view.summary.outcome === "running";
    const shown = JSON.stringify([view.attempts, running]);
    if (this.shown === shown) return;
    this.shown = shown;
    if (!view.attempts.length) this.replaceChildren(make("p", { class: "soft" }, running ? RUNNING : OVER));
    else this.replaceChildren(make("ol", { class: "attempts" }, ...view.attempts.map(makeAttempt)));
  }
}

function makeAttempt(attempt) {
  const times = [`asked at ${clock(attempt.at_ms)}`];
  if (attempt.settled_at_ms !== null) times.push(`settled after ${lasting(attempt.settled_at_ms - attempt.at_ms)}`);
  if (attempt.talked_s) times.push(`talked for ${lasting(attempt.talked_s * 1000)}`);
  return make(
    "li",
    { class: "attempt" },
    make(
      "div",
      { class: "attempt-top" },
      make("h3", {}, attempt.destination),
      make("span", { class: `badge ${GOOD.has(attempt.status) ? "good" : "plain"}` }, attempt.status),
    ),
    make("p", {}, attempt.outcome),
    make("p", { class: "soft small number" }, times.join(" · ")),
    makeFacts(attempt),
    makeLegs(attempt.legs),
  );
}

function makeFacts(attempt) {
  const facts = [];
  if (attempt.reason) facts.push(["Reason", attempt.reason]);
  if (attempt.summary) facts.push(["Told to the person", attempt.summary]);
  if (attempt.message_url) facts.push(["Message left", makeMessageLink(attempt)]);
  if (!facts.length) return null;
  return make(
    "dl",
    { class: "facts small" },
    ...facts.map(([name, value]) => make("div", {}, make("dt", { class: "soft" }, name), make("dd", {}, value))),
  );
}

// Only an address of the web becomes a link: the record has what Twilio sent.
function makeMessageLink(attempt) {
  const length = lasting(attempt.message_s * 1000);
  if (!attempt.message_url.startsWith("https://")) return `${attempt.message_url} (${length})`;
  return make(
    "a",
    { href: attempt.message_url, rel: "noreferrer noopener", target: "_blank" },
    `recording at Twilio, ${length}`,
  );
}

function makeLegs(legs) {
  if (!legs.length) return null;
  const head = ["Telephone", "Outcome", "Rang", "Answered", "Ended"];
  const rows = legs.map((leg) => {
    const cells = [
      leg.outcome || (leg.answered_at_ms === null ? "rings" : "talks"),
      when(leg.rung_at_ms),
      when(leg.answered_at_ms),
      when(leg.ended_at_ms),
    ];
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, leg.to || "not recorded"),
      ...cells.map((cell) => make("td", { class: "number" }, cell)),
    );
  });
  const table = make(
    "table",
    { class: "legs small" },
    make("caption", { class: "unseen" }, "Telephones that were rung"),
    make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows),
  );
  return make(
    "div",
    { class: "sideways", tabindex: 0, role: "group", "aria-label": "Telephones that were rung" },
    table,
  );
}

function when(ms) {
  return ms === null ? "–" : clock(ms);
}

customElements.define("call-ledger", CallLedger);
