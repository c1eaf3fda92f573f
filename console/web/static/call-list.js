// <call-list query="?day=…" how-to-call="Call your number">: the table of calls, as they come (server-sent events).
//
// While the page is hidden it does not listen: a browser opens six connections to one host for all of its tabs.

import { keepList, make } from "./elements.js";
import { count, dateAndTime, lasting } from "./words.js";

const NUMBER = "number";
const COLUMNS = [
  ["Began", null, ({ began_at_ms }) => dateAndTime(began_at_ms)],
  ["Caller", null, ({ caller }) => caller || "unknown"],
  ["Outcome", null, ({ outcome_text, outcome }) => outcome_text || outcome],
  ["Destination", null, ({ destination }) => destination || "–"],
  ["Lasted", NUMBER, ({ began_at_ms, ended_at_ms }) => (ended_at_ms === null ? "–" : lasting(ended_at_ms - began_at_ms))],
  ["Attempts", NUMBER, ({ attempts }) => String(attempts)],
  ["Errors", NUMBER, ({ errors }) => String(errors)],
];

export class CallList extends HTMLElement {
  connectedCallback() {
    this.build();
    this.followVisibility = () => (document.hidden ? this.stop() : this.start());
    document.addEventListener("visibilitychange", this.followVisibility);
    this.followVisibility();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.followVisibility);
    this.stop();
  }

  /** Shows a list as `/api/calls` answers it. */
  show(list) {
    this.problem.hidden = true;
    this.table.hidden = !list.calls.length;
    this.empty.hidden = Boolean(list.calls.length);
    this.empty.textContent = this.describeEmpty();
    keepList(this.rows, list.calls, (call) => call.sid, (call) => this.makeRow(call), updateRow);
    this.sayState(describeList(list));
  }

  build() {
    this.state = make("p", { class: "state small", role: "status" }, "Reading the calls …");
    this.problem = make("p", { class: "problem", role: "alert", hidden: true });
    this.empty = make("p", { class: "empty", hidden: true });
    this.rows = make("tbody");
    const titles = COLUMNS.map(([title]) => make("th", { scope: "col" }, title));
    const caption = make("caption", { class: "unseen" }, "Calls, newest first");
    this.table = make("table", { class: "calls", hidden: true }, caption, make("thead", {}, make("tr", {}, ...titles)), this.rows);
    this.replaceChildren(this.state, this.problem, make("div", { class: "table-scroll" }, this.empty, this.table));
  }

  start() {
    if (this.events) return;
    this.events = new EventSource(`/api/events${this.query}`);
    this.events.addEventListener("calls", (event) => this.show(JSON.parse(event.data)));
    this.events.addEventListener("problem", (event) => this.sayProblem(JSON.parse(event.data).message));
    this.events.addEventListener("error", () => this.sayWhyLost());
  }

  stop() {
    this.events?.close();
    this.events = null;
  }

  get query() {
    return this.getAttribute("query") ?? "";
  }

  // The browser connects again by itself unless the server refused: then only a plain request has the reason.
  async sayWhyLost() {
    if (this.events?.readyState !== EventSource.CLOSED) {
      this.sayState("The connection to the program is lost. Trying again …");
      return;
    }
    try {
      const response = await fetch(`/api/calls${this.query}`);
      this.sayProblem(response.ok ? "This page is no longer live. Load it again." : await response.text());
    } catch {
      this.sayProblem("The program does not answer any more. Start it again, and open the address that it prints.");
    }
  }

  sayProblem(sentence) {
    this.problem.textContent = sentence;
    this.problem.hidden = false;
    this.sayState("");
  }

  // A screen reader reads what changes here: only what is new.
  sayState(text) {
    if (this.state.textContent !== text) this.state.textContent = text;
  }

  describeEmpty() {
    if (this.query) return "No call is like that. Choose another day or other words, or show all.";
    return `No call yet. ${this.getAttribute("how-to-call")}: the call appears here within two seconds.`;
  }

  makeRow(call) {
    const numbers = new URLSearchParams(this.query).get("numbers") === "1" ? "?numbers=1" : "";
    const link = make("a", { href: `/calls/${encodeURIComponent(call.sid)}${numbers}` });
    const outcome = make("span", { class: "outcome" });
    const row = make("tr");
    // Where words go; the labels are for narrow screens, where a row is a block.
    row.places = COLUMNS.map(([title, kind], column) => {
      const cell = make("td", { "data-label": title, class: kind });
      row.append(cell);
      const inner = [link, null, outcome][column];
      if (inner) cell.append(inner);
      return inner ?? cell;
    });
    return row;
  }
}

function updateRow(row, call) {
  row.className = `outcome-${call.outcome}`;
  COLUMNS.forEach(([, , write], column) => {
    const text = write(call);
    if (row.places[column].textContent !== text) row.places[column].textContent = text;
  });
}

/** What was found, and what it cost. */
function describeList({ calls, more, read_units }) {
  const found = count(calls.length, "call");
  const shown = more ? `The newest ${found}. There are more: choose a day` : found;
  return read_units === null ? `${shown}.` : `${shown}. Read with ${count(read_units, "read unit")} of the table.`;
}

customElements.define("call-list", CallList);
