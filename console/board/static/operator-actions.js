// <operator-actions sid>: what the operator can do to a call that runs, after a question; and where its log lines are.

import { make } from "./elements.js";

const OVER = "The call is over.";

class OperatorActions extends HTMLElement {
  connectedCallback() {
    if (this.told) return;
    const sid = this.getAttribute("sid");
    this.base = `/api/board/calls/${encodeURIComponent(sid)}`;
    this.orders = [
      make("button", { type: "button", hidden: true, onclick: () => this.askWhom() }, "Put through to …"),
      make("button", { type: "button", hidden: true, onclick: () => this.askGoodbye() }, "Say goodbye"),
    ];
    this.logs = make("a", { class: "button", hidden: true, target: "_blank", rel: "noopener noreferrer" }, "Log lines");
    this.told = make("p", { class: "told small", role: "status" });
    this.dialog = make("dialog", { "aria-labelledby": "operator-question" });
    this.append(make("div", { class: "row" }, this.orders, this.logs), this.told, this.dialog);
    this.shown = (event) => this.follow(event.detail.summary);
    document.addEventListener("call-shown", this.shown);
    this.findLogs();
  }

  disconnectedCallback() {
    document.removeEventListener("call-shown", this.shown);
  }

  follow(summary) {
    const running = summary.outcome === "running";
    for (const button of this.orders) button.hidden = !running;
    if (!running && this.dialog.open) {
      this.dialog.close();
      this.say(OVER);
    }
  }

  async findLogs() {
    const found = await read(`${this.base}/logs`);
    if (!found.url) return;
    this.logs.href = found.url;
    this.logs.hidden = false;
  }

  async askWhom() {
    this.say("Asking the stack who can be rung …");
    const found = await read("/api/board/destinations");
    if (found.problem) {
      this.say(found.problem);
      return;
    }
    this.say("");
    const choices = found.destinations.map(({ name, description, open }) =>
      make("option", { value: name, disabled: !open }, `${description || name}${open ? "" : " (closed)"}`),
    );
    const first = choices.find((choice) => !choice.disabled);
    if (!first) {
      this.say("Nobody can be rung now: all destinations are closed.");
      return;
    }
    first.selected = true;
    const whom = make("select", { id: "operator-destination" }, choices);
    this.ask({
      question: "Put the caller through?",
      text: "Whoever talks with them now, the assistant or a person, is cut off. The caller hears who is being rung.",
      parts: [make("label", { for: whom.id }, "To"), whom],
      yes: "Put through",
      send: (order) => this.send("transfer", { ...order, destination: whom.value }),
    });
  }

  askGoodbye() {
    this.ask({
      question: "End this call?",
      text: "The caller hears a goodbye, and the call ends. Whoever talks with them is cut off.",
      parts: [],
      yes: "Say goodbye",
      send: (order) => this.send("end", order),
    });
  }

  ask({ question, text, parts, yes, send }) {
    // The same answer may be sent twice, for example by a browser that tries again: it acts once.
    const order = { request_id: `board_${crypto.randomUUID()}` };
    const answer = (event) => {
      event.target.disabled = true;
      this.dialog.close();
      send(order);
    };
    this.dialog.replaceChildren(
      make("h2", { id: "operator-question" }, question),
      make("p", {}, text),
      ...parts,
      make(
        "div",
        { class: "row" },
        make("button", { type: "button", onclick: () => this.dialog.close() }, "Cancel"),
        make("button", { type: "button", class: "primary", onclick: answer }, yes),
      ),
    );
    this.dialog.showModal();
  }

  async send(what, order) {
    this.say("Asking the stack …");
    const answer = await read(`${this.base}/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(order),
    });
    this.say(answer.problem ?? answer.sentence);
  }

  say(text) {
    this.told.textContent = text;
  }
}

/** The answer's JSON, or `{problem}` with a sentence. */
async function read(address, options) {
  try {
    const answer = await fetch(address, options);
    return answer.ok ? await answer.json() : { problem: (await answer.text()).trim() };
  } catch {
    return { problem: "The program does not answer: is it still running?" };
  }
}

customElements.define("operator-actions", OperatorActions);
