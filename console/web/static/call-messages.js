// <call-messages>: what exactly was sent and answered at one entry.
//
// It says `leave` when it is closed, and `step` (detail: 1 or -1) when the reader wants the next entry or the one
// before.

import { make, makeIcon } from "./elements.js";
import { makePre, makeReadable } from "./message-text.js";
import { KINDS, clock, lasting, toneOf } from "./words.js";

export class CallMessages extends HTMLElement {
  connectedCallback() {
    this.classList.add("messages");
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Details");
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.dispatchEvent(new CustomEvent("leave"));
    });
  }

  /** Shows an entry; `read(number)` promises its messages. The focus goes to its title if `focus` says so. */
  async open(entry, laneName, read, { focus = true } = {}) {
    this.number = entry.number;
    const title = make("h3", { tabindex: -1 }, makeIcon(entry.kind), entry.title);
    const body = make(
      "div",
      { class: "message-list", "aria-live": "polite" },
      make("p", { class: "soft" }, "Reading the messages …"),
    );
    this.replaceChildren(this.makeTop(title), makeFacts(entry, laneName), body);
    this.hidden = false;
    if (focus) title.focus({ preventScroll: true });
    this.scrollIntoView({ block: "nearest" });
    if (!entry.has_messages) {
      body.replaceChildren(
        make("p", { class: "soft" }, "Nothing was sent here: this is known from the entries around it."),
      );
      return;
    }
    try {
      const messages = await read(entry.number);
      if (this.number === entry.number) body.replaceChildren(...messages.map(makeMessage));
    } catch (error) {
      body.replaceChildren(make("p", { class: "tone-fault" }, `The messages cannot be read now: ${error.message}`));
    }
  }

  close() {
    this.number = null;
    this.hidden = true;
    this.replaceChildren();
  }

  makeTop(title) {
    const step = (by) => () => this.dispatchEvent(new CustomEvent("step", { detail: by }));
    const buttons = [
      make("button", { type: "button", "aria-label": "Entry before", onclick: step(-1) }, "‹"),
      make("button", { type: "button", "aria-label": "Next entry", onclick: step(1) }, "›"),
      make("button", { type: "button", onclick: () => this.dispatchEvent(new CustomEvent("leave")) }, "Close"),
    ];
    return make("div", { class: "messages-top" }, title, make("div", { class: "row" }, ...buttons));
  }
}

function makeFacts(entry, laneName) {
  const facts = [
    `${laneName}, ${KINDS[entry.kind] ?? entry.kind}`,
    `at ${clock(entry.at_ms)} (${entry.at_ms.toLocaleString("en")} ms)`,
  ];
  if (entry.until_ms !== null) facts.push(entry.open ? "lasts still" : `for ${lasting(entry.until_ms - entry.at_ms)}`);
  if (toneOf(entry)) facts.push(toneOf(entry));
  return make("p", { class: "soft small" }, facts.join(" · "));
}

function makeMessage(message) {
  const readable = makeReadable(message.text, message.syntax);
  const raw = makePre(message.text);
  raw.hidden = true;
  const sent = make("button", { type: "button", "aria-pressed": "false", onclick: () => swap() }, "As sent");
  const swap = () => {
    raw.hidden = !raw.hidden;
    readable.hidden = !raw.hidden;
    sent.setAttribute("aria-pressed", String(!raw.hidden));
  };
  const copy = make("button", { type: "button", onclick: () => copyText(copy, message.text) }, "Copy");
  const size = new TextEncoder().encode(message.text).length.toLocaleString("en");
  const top = make(
    "div",
    { class: "message-top" },
    make("h4", {}, message.label),
    make("span", { class: "soft small" }, `${size} bytes`),
    make("div", { class: "row push" }, sent, copy),
  );
  return make("section", { class: "message" }, top, readable, raw);
}

async function copyText(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed here";
  }
}

customElements.define("call-messages", CallMessages);
