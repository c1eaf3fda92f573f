// <phone-set>: all telephones of the page, with one microphone and one speaker.
//
// One telephone is in the hand: it gets the microphone, and its ear is played; with "hear both sides" all are played.
// Digits on the keyboard press the keys of the telephone that has the focus, else of the one in the hand.

import { keepList, make } from "/static/elements.js";
import { PhoneCard, isUsed } from "./phone-card.js";
import { MicrophoneError, TelephoneAudio } from "./telephone-audio.js";
import { TelephoneLink } from "./telephone-link.js";

const HEADSET = "With loudspeakers the other side can hear itself: a headset is better.";

export class PhoneSet extends HTMLElement {
  connectedCallback() {
    if (this.link) return;
    this.build();
    this.inHand = null;
    this.telephones = [];
    this.audio = new TelephoneAudio({
      onFrame: (frame) => this.inHand !== null && this.link.speak(this.inHand, frame),
      onMicrophoneLevel: (level) => this.cardInHand?.showMicrophone(level),
      onEarLevels: (levels) => this.showEars(levels),
    });
    this.link = new TelephoneLink({
      state: (telephones, call, notes) => this.show(telephones, call, notes),
      error: (text, id) => this.sayProblem(text, id),
      audio: (id, frame) => this.audio.play(id, frame),
      lost: (sentence, taken) => this.lose(sentence, taken),
    });
    this.onKey = (event) => this.pressKey(event);
    document.addEventListener("keydown", this.onKey);
    this.link.open();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
    this.link.close();
    this.audio.closeMicrophone();
  }

  build() {
    this.problem = make("p", { class: "phone-problem", role: "alert", hidden: true });
    this.connection = make("p", { class: "small", role: "status" }, "Connecting …");
    this.back = make(
      "button",
      { type: "button", hidden: true, onclick: () => this.link.open() },
      "Use the telephones here",
    );
    this.cards = make("div", { class: "phone-cards" });
    this.both = make("input", { type: "checkbox", onchange: () => this.listen() });
    this.microphoneButton = make(
      "button",
      { type: "button", hidden: true, onclick: () => this.useMicrophone() },
      "Use the microphone",
    );
    this.notes = make("ul", { class: "phone-notes small" });
    this.replaceChildren(
      this.problem,
      make("p", { class: "row" }, this.connection, this.back),
      this.notes,
      this.cards,
      make(
        "p",
        { class: "row small" },
        make("label", { class: "row" }, this.both, "Hear both sides"),
        this.microphoneButton,
      ),
      make("p", { class: "soft small" }, HEADSET),
    );
  }

  show(telephones, call, notes) {
    this.telephones = telephones;
    this.connection.textContent = "";
    this.back.hidden = true;
    this.cards.inert = false;
    keepList(
      this.cards,
      telephones,
      (each) => each.id,
      (each) => this.makeCard(each),
      (card, each) => card.show(each),
    );
    keepList(
      this.notes,
      notes,
      (note) => note,
      (note) => make("li", {}, note),
    );
    this.chooseHand();
    this.audio.ring(telephones.some((each) => each.state === "ringing"));
    if (call) this.dispatchEvent(new CustomEvent("call-placed", { detail: call, bubbles: true }));
  }

  makeCard(telephone) {
    const card = new PhoneCard();
    card.set = this;
    card.build(telephone);
    return card;
  }

  /** What a button of a card does. Picking up a telephone takes it into the hand. */
  async act(command, telephone, rest) {
    this.problem.hidden = true;
    if (command === "call" || command === "answer") {
      this.take(telephone.id);
      await this.makeSound();
    }
    this.link.command(command, telephone.id, rest);
    if (command === "call" || command === "answer") await this.useMicrophone();
  }

  /** Also in a page that was loaded during the call, or took the telephones over: nothing was pressed in it before. */
  async pickUp(id) {
    this.take(id);
    await this.makeSound();
    if (this.microphoneButton.hidden) await this.useMicrophone();
  }

  take(id) {
    this.inHand = id;
    this.listen();
    for (const card of this.cards.children) card.showHand(card.telephone.id === id);
  }

  listen() {
    const used = this.telephones.filter((each) => isUsed(each) || each.id === this.inHand).map((each) => each.id);
    this.audio.listenTo(this.both.checked ? used : used.filter((id) => id === this.inHand));
  }

  /** When the telephone in the hand is put down, another one that is talking takes its place. */
  chooseHand() {
    const held = this.telephones.find((each) => each.id === this.inHand);
    const used = this.telephones.filter(isUsed);
    if (held && !isUsed(held) && held.state !== "preparing" && held.state !== "ringing" && used.length)
      this.take(used[0].id);
    else this.listen();
    if (held && !used.length && held.state === "ended") this.audio.closeMicrophone();
  }

  async makeSound() {
    try {
      await this.audio.start();
    } catch (error) {
      this.sayProblem(`This browser plays no sound: ${error.message}.`);
    }
  }

  async useMicrophone() {
    try {
      await this.audio.openMicrophone();
      this.microphoneButton.hidden = true;
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      this.microphoneButton.hidden = false;
      this.sayProblem(error.message);
    }
  }

  showEars(levels) {
    for (const card of this.cards.children) card.showEar(levels[card.telephone.id] ?? 0);
  }

  get cardInHand() {
    return [...this.cards.children].find((card) => card.telephone.id === this.inHand);
  }

  pressKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !/^[0-9*#]$/.test(event.key)) return;
    if (event.target.closest("input, textarea, select")) return;
    const card = event.target.closest("phone-card") ?? this.cardInHand;
    if (card && isUsed(card.telephone)) this.act("key", card.telephone, { key: event.key });
  }

  sayProblem(text, id) {
    const telephone = this.telephones.find((each) => each.id === id);
    this.problem.textContent = telephone && text.includes("\n") ? `${telephone.name}:\n${text}` : text;
    this.problem.hidden = false;
  }

  lose(sentence, taken) {
    this.connection.textContent = sentence;
    this.back.hidden = !taken;
    this.cards.inert = true;
    this.audio.ring(false);
    this.audio.closeMicrophone();
  }
}

customElements.define("phone-set", PhoneSet);
