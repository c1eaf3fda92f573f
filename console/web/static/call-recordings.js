// <call-recordings>: players of what was in somebody's ear. One plays at a time; the timeline follows it.
//
// It says `playhead` (detail: milliseconds of the call; null: nothing plays and none was sought).

import { make } from "./elements.js";

export class CallRecordings extends HTMLElement {
  show(view) {
    const shown = JSON.stringify(view.recordings.map((each) => [each.label, each.from_ms, each.url.length]));
    if (this.shown === shown) return;
    this.shown = shown;
    this.classList.add("recordings");
    this.hidden = view.recordings.length === 0;
    this.players = view.recordings.map((recording) => this.makePlayer(recording));
    this.replaceChildren(...this.players.map(({ figure }) => figure));
  }

  /** Moves every player to a time of the call. */
  seek(ms) {
    for (const { audio, from } of this.players ?? []) audio.currentTime = Math.max(0, ms - from) / 1000;
    if (this.players?.length) this.say(ms);
  }

  makePlayer(recording) {
    const audio = make("audio", {
      controls: true,
      preload: "metadata",
      src: recording.url,
      "aria-label": recording.label,
    });
    const player = {
      audio,
      from: recording.from_ms,
      figure: make("figure", {}, make("figcaption", { class: "small" }, recording.label), audio),
    };
    audio.addEventListener("play", () => this.follow(player));
    for (const name of ["timeupdate", "seeked"]) audio.addEventListener(name, () => this.tell(player));
    return player;
  }

  // `timeupdate` comes four times a second: too few for a line that moves.
  follow(player) {
    for (const other of this.players) if (other !== player) other.audio.pause();
    this.last = player;
    const move = () => {
      if (player.audio.paused) return;
      this.tell(player);
      requestAnimationFrame(move);
    };
    move();
  }

  tell(player) {
    if (this.last === player) this.say(player.from + player.audio.currentTime * 1000);
  }

  say(ms) {
    this.dispatchEvent(new CustomEvent("playhead", { detail: ms }));
  }
}

customElements.define("call-recordings", CallRecordings);
