// <what-if>: buttons that let something happen to the call that runs, and say what to expect of it.

import { keepList, make } from "/static/elements.js";

const INTRODUCTION = "Press a button while a call runs, and listen: somebody goes on speaking to the caller.";

export class WhatIf extends HTMLElement {
  connectedCallback() {
    if (this.buttons) return;
    this.buttons = make("div", { class: "what-if-buttons" });
    this.said = make("p", { class: "small", role: "status" }, INTRODUCTION);
    this.replaceChildren(make("section", { class: "card" }, make("h2", {}, "What if?"), this.buttons, this.said));
    this.onShown = (event) => this.follow(event.detail.summary.outcome);
    document.addEventListener("call-shown", this.onShown);
    this.ask("GET", "");
  }

  disconnectedCallback() {
    document.removeEventListener("call-shown", this.onShown);
  }

  /** What lasts is switched off when the call is over. */
  follow(outcome) {
    if (outcome === this.outcome) return;
    this.outcome = outcome;
    this.ask("GET", "");
  }

  async press(fault) {
    this.said.textContent = `${fault.title} …`;
    if (await this.ask("POST", `/${fault.name}`)) {
      const on = this.faults.find((each) => each.name === fault.name)?.on;
      this.said.textContent = fault.lasts && !on ? `${fault.title}: no longer.` : fault.expected;
    }
  }

  /** Whether it was answered. */
  async ask(method, path) {
    try {
      const answer = await fetch(`/api/what-if${path}`, { method });
      if (!answer.ok) throw new Error((await answer.text()).trim());
      this.faults = (await answer.json()).faults;
    } catch (error) {
      this.said.textContent = error.message;
      return false;
    }
    keepList(this.buttons, this.faults, (each) => each.name, () => make("button", { type: "button" }), (button, each) => this.showButton(button, each));
    return true;
  }

  showButton(button, fault) {
    button.textContent = fault.title;
    button.title = fault.expected;
    button.onclick = () => this.press(fault);
    if (fault.lasts) button.setAttribute("aria-pressed", String(fault.on));
  }
}

customElements.define("what-if", WhatIf);
