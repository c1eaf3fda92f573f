// <call-page>: all of one call. With `sid`, it reads the call from the server and follows it; a report calls `show`.

import "./call-entries.js";
import "./call-figures.js";
import "./call-ledger.js";
import "./call-messages.js";
import "./call-recordings.js";
import "./call-timeline.js";
import "./call-transcript.js";
import { keepList, make } from "./elements.js";
import { followCall, readMessages, wantsNumbers } from "./live-call.js";
import { nameSpeech } from "./speech-words.js";
import { dateAndTime, lasting } from "./words.js";

const NARROW_PX = 640;
const NOTHING_YET = "Nothing has happened yet. Whatever happens in the call appears here within two seconds.";
const NOTHING = "Nothing is known of what happened in this call.";
const OUTCOMES = {
  running: "Running",
  talked: "Talked with a person",
  answered: "Answered",
  message: "Left a message",
  nobody: "Nobody came",
  failed: "Failed",
  unknown: "Unknown",
};

export class CallPage extends HTMLElement {
  connectedCallback() {
    if (this.timeline) return;
    this.build();
    this.listen();
    this.asList(this.clientWidth <= NARROW_PX);
    const sid = this.getAttribute("sid");
    if (!sid) return;
    this.read = (number) => readMessages(sid, number);
    this.makeReportLink(sid);
    this.makeNumbersSwitch();
    this.stop = followCall(sid, {
      onView: (view, live) => this.show(view, { live }),
      onState: (text) => this.sayState(text),
    });
  }

  disconnectedCallback() {
    this.stop?.();
  }

  /** Shows a view. `live`: it goes on. A report gives `read(number)`, which promises an entry's messages. */
  show(view, { live = false, read = this.read } = {}) {
    this.view = view = { ...view, entries: nameSpeech(view) };
    this.read = read;
    this.body.hidden = false;
    this.showHead(view);
    for (const part of [this.figures, this.entries, this.transcript, this.ledger, this.recordings]) part.show(view);
    this.timeline.show(view, { live });
    this.nothing.textContent = view.entries.length ? "" : live ? NOTHING_YET : NOTHING;
    this.asList(this.isList);
    keepList(
      this.notes,
      view.notes,
      (note) => note,
      (note) => make("li", {}, note),
    );
    this.notes.hidden = !view.notes.length;
    this.dispatchEvent(new CustomEvent("call-shown", { detail: view, bubbles: true }));
  }

  build() {
    this.headline = make("h1", {}, "Call");
    this.badge = make("span", { class: "badge", hidden: true });
    this.subline = make("p", { class: "soft small" });
    this.state = make("p", { class: "state small", role: "status" });
    this.actions = make("div", { class: "call-actions row" });
    this.notes = make("ul", { class: "notes", hidden: true });
    for (const name of ["figures", "timeline", "entries", "messages", "recordings", "transcript", "ledger"])
      this[name] = make(`call-${name}`);
    this.messages.hidden = true;
    this.nothing = make("p", { class: "soft" });
    this.switch = make(
      "button",
      { type: "button", "aria-pressed": "false", onclick: () => this.asList(!this.isList) },
      "As a list",
    );
    const card = (name, title, ...parts) =>
      make(
        "section",
        { class: `card ${name}`, "aria-labelledby": `${name}-title` },
        make("div", { class: "card-top" }, make("h2", { id: `${name}-title` }, title)),
        ...parts,
      );
    const happened = card(
      "happened",
      "What happened",
      this.nothing,
      this.timeline,
      this.entries,
      this.recordings,
      this.messages,
    );
    this.controls = this.timeline.makeControls();
    happened.firstElementChild.append(make("div", { class: "row" }, this.controls, this.switch));
    const columns = make(
      "div",
      { class: "columns" },
      card("said", "What was said", this.transcript),
      card("people", "People who were asked", this.ledger),
    );
    this.body = make("div", { class: "call-body", hidden: true }, this.notes, this.figures, happened, columns);
    this.append(
      make(
        "header",
        { class: "call-head" },
        make("div", {}, make("div", { class: "row" }, this.headline, this.badge), this.subline),
        make("div", { class: "call-side" }, this.state, this.actions),
      ),
      this.body,
    );
  }

  listen() {
    for (const part of [this.timeline, this.entries])
      part.addEventListener("choose", (event) => this.choose(event.detail, part));
    for (const part of [this.timeline, this.transcript])
      part.addEventListener("seek", (event) => this.seek(event.detail));
    this.messages.addEventListener("leave", () => this.leave());
    this.messages.addEventListener("step", (event) => this.step(event.detail));
    this.recordings.addEventListener("playhead", (event) => this.setPlayhead(event.detail));
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.messages.hidden) this.leave();
    });
  }

  choose(number, from = this.shownPart()) {
    const entry = this.view.entries.find((each) => each.number === number);
    if (!entry) return;
    const lane = this.view.lanes.find((each) => each.id === entry.lane);
    for (const part of [this.timeline, this.entries]) part.mark(number);
    from.focusEntry(number);
    this.messages.open(entry, lane?.name ?? "", this.read);
  }

  step(by) {
    const order = [...this.view.entries].sort((a, b) => a.at_ms - b.at_ms || a.number - b.number);
    const next = order[order.findIndex((entry) => entry.number === this.messages.number) + by];
    if (next) this.choose(next.number);
  }

  leave() {
    const { number } = this.messages;
    this.messages.close();
    for (const part of [this.timeline, this.entries]) part.mark(null);
    this.shownPart().focusEntry(number);
  }

  seek(ms) {
    this.recordings.seek(ms);
    this.setPlayhead(ms);
  }

  setPlayhead(ms) {
    this.timeline.setPlayhead(ms);
    this.transcript.setPlayhead(ms);
  }

  asList(wanted) {
    this.isList = wanted;
    const empty = !this.view?.entries.length;
    this.entries.hidden = !wanted || empty;
    this.timeline.hidden = wanted || empty;
    this.controls.hidden = wanted || empty;
    this.switch.hidden = empty;
    this.switch.setAttribute("aria-pressed", String(wanted));
  }

  shownPart() {
    return this.isList ? this.entries : this.timeline;
  }

  showHead(view) {
    const { summary } = view;
    this.headline.textContent = `Call from ${summary.caller || "an unknown number"} to ${summary.called || "us"}`;
    document.title = `${this.headline.textContent} · Warmline`;
    this.badge.hidden = false;
    this.badge.className = `badge outcome-${summary.outcome}`;
    this.badge.textContent = OUTCOMES[summary.outcome] ?? summary.outcome;
    const facts = [summary.outcome_text, dateAndTime(summary.began_at_ms), lasting(view.now_ms), summary.sid];
    this.subline.replaceChildren(...facts.filter(Boolean).map((fact) => make("span", {}, fact)));
  }

  sayState(text) {
    if (this.state.textContent !== text) this.state.textContent = text;
  }

  /** One file, for whoever has nothing but a browser. */
  makeReportLink(sid) {
    const address = `/api/calls/${encodeURIComponent(sid)}/report.html${wantsNumbers() ? "?numbers=1" : ""}`;
    this.actions.append(make("a", { class: "button", href: address, download: "" }, "Save as a report"));
  }

  makeNumbersSwitch() {
    const shown = wantsNumbers();
    const address = new URL(location.href);
    if (shown) address.searchParams.delete("numbers");
    else address.searchParams.set("numbers", "1");
    this.actions.append(
      make("a", { class: "button", href: address.href }, shown ? "Hide numbers" : "Show whole numbers"),
    );
  }
}

customElements.define("call-page", CallPage);
