// <phone-card>: one telephone. It shows what the server says of it; every button only asks.

import { make } from "/static/elements.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const KEY_NAMES = { "*": "Star", "#": "Pound" };
const LONGEST_TEXT = 300;
const STATES = {
  idle: (phone) =>
    phone.role === "caller" ? "Ready. Press Call." : "Quiet. It rings when the assistant asks for this person.",
  preparing: () => "Getting ready: the files of your agent are read.",
  calling: () => "Calling …",
  ringing: (phone) => `Rings: ${phone.shown || "somebody"} calls. Answer, decline, or let it ring.`,
  talking: (phone) =>
    phone.role === "caller" ? "On the line." : "On the line. Who is asked for a key presses it: 1 takes the call.",
  voicemail: () => "A machine has picked up: it greets, beeps and records.",
  ended: (phone) => phone.reason,
};

/** Whether somebody speaks into it. */
export function isUsed(telephone) {
  return telephone.state === "calling" || telephone.state === "talking";
}

export class PhoneCard extends HTMLElement {
  build(telephone) {
    const title = `phone-${telephone.id}`;
    const button = (text, command, attributes = {}) =>
      make("button", { type: "button", onclick: () => this.act(command), ...attributes }, text);
    this.call = button("Call", "call", { class: "phone-big phone-go" });
    this.answer = button("Answer", "answer", { class: "phone-big phone-go" });
    this.hangUp = button("Hang up", "hang_up", { class: "phone-big phone-stop" });
    this.decline = button("Decline", "decline", { class: "phone-big phone-stop" });
    this.voicemail = button("Be a voicemail", "voicemail");
    this.hand = make(
      "button",
      { type: "button", "aria-pressed": "false", onclick: () => this.set.pickUp(this.telephone.id) },
      "Speak here",
    );
    this.name = make("h2", { id: title });
    this.state = make("p", { class: "phone-state", role: "status" });
    this.ringing = make("p", { class: "unseen", role: "alert" });
    this.buttons = make(
      "div",
      { class: "row" },
      this.call,
      this.answer,
      this.decline,
      this.voicemail,
      this.hangUp,
      this.hand,
    );
    this.pad = this.makePad(telephone.role === "person");
    this.ear = makeMeter("Heard");
    this.microphone = makeMeter("Microphone");
    this.meters = make("div", { class: "phone-meters small soft" }, this.ear.label, this.microphone.label);
    this.typing = this.makeTyping();
    this.lines = this.makeLines(telephone);
    this.setAttribute("role", "group");
    this.setAttribute("aria-labelledby", title);
    this.className = "card";
    this.append(this.name, this.state, this.ringing, this.buttons, this.meters, this.pad, this.typing, this.lines);
    this.show(telephone);
  }

  show(telephone) {
    this.telephone = telephone;
    const { state, role } = telephone;
    const used = isUsed(telephone);
    this.dataset.state = state;
    this.name.textContent = `${telephone.name} ${telephone.address}`;
    setText(this.state, STATES[state](telephone));
    setText(this.ringing, state === "ringing" ? `${telephone.name}: the telephone rings.` : "");
    this.call.hidden = role !== "caller" || used;
    this.call.disabled = state === "preparing";
    for (const each of [this.answer, this.decline, this.voicemail]) each.hidden = state !== "ringing";
    this.hangUp.hidden = !used && state !== "voicemail";
    this.hand.hidden = !used;
    for (const each of [this.pad, this.meters, this.typing]) each.hidden = !used;
    this.lines.hidden = !used || !telephone.lines.length;
  }

  showHand(held) {
    this.hand.setAttribute("aria-pressed", String(held));
    this.hand.textContent = held ? "You speak here" : "Speak here";
    this.microphone.label.hidden = !held;
    this.showMicrophone(0);
  }

  showMicrophone(level) {
    this.microphone.meter.value = level;
  }

  showEar(level) {
    this.ear.meter.value = level;
  }

  async act(command, rest) {
    await this.set.act(command, this.telephone, rest);
  }

  makePad(person) {
    const press = (key) => () => this.act("key", { key });
    const keys = KEYS.map((key) =>
      make("button", { type: "button", "aria-label": KEY_NAMES[key], onclick: press(key) }, key),
    );
    const pad = make("div", { class: "phone-pad", role: "group", "aria-label": "Keys" }, keys);
    return make("details", { class: "phone-more", open: person }, make("summary", {}, "Keys"), pad);
  }

  makeTyping() {
    const input = make("input", {
      name: "text",
      maxlength: LONGEST_TEXT,
      autocomplete: "off",
      "aria-label": "Say a sentence",
      placeholder: "Or type what is said",
    });
    const form = make("form", { class: "row phone-typing" }, input, make("button", {}, "Say"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (text) this.act("say", { text });
      input.value = "";
    });
    return form;
  }

  makeLines(telephone) {
    const say = (line) =>
      make(
        "li",
        {},
        make("button", { type: "button", onclick: () => this.act("say_line", { line: line.name }) }, `“${line.text}”`),
      );
    return make(
      "details",
      { class: "phone-more", open: telephone.role === "caller" },
      make("summary", {}, "Recorded sentences"),
      make("ul", { class: "phone-lines" }, telephone.lines.map(say)),
    );
  }
}

function makeMeter(name) {
  const meter = make("meter", { min: 0, max: 1, value: 0, "aria-label": name });
  return { meter, label: make("label", {}, make("span", {}, name), meter) };
}

/** A screen reader says a status again when it is set, also to what it is. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

customElements.define("phone-card", PhoneCard);
