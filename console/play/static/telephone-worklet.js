// In the audio thread: what the microphone hears becomes frames of 20 ms, and frames become what the speaker plays.
//
// Both nodes run at the rate of their context, whatever it is. Nothing here waits, and nothing is kept for long: a page
// that was frozen drops what is old.

import { FRAME, RATE, decode, encode } from "./mulaw.js";
import { Resampler } from "./resampler.js";

const HOLD_FRAMES = 3; // 60 ms before a voice begins, so that the next frames may be late
const MOST_FRAMES = 20; // 400 ms: what is older is dropped
const LEVEL_FRAMES = 5; // between two reports of a level: 100 ms

/** Sends `{frame: Uint8Array(160), level}`: the loudest sample of the last 100 ms, now and then, from 0 to 1. */
class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.frame = new Uint8Array(FRAME);
    this.filled = 0;
    this.frames = 0;
    this.peak = 0;
  }

  process([[input]]) {
    if (!input) return true;
    for (const sample of this.resampler.push(input)) {
      this.frame[this.filled++] = encode(sample);
      this.peak = Math.max(this.peak, Math.abs(sample));
      if (this.filled === FRAME) this.send();
    }
    return true;
  }

  send() {
    const level = ++this.frames % LEVEL_FRAMES === 0 ? this.peak : null;
    if (level !== null) this.peak = 0;
    this.port.postMessage({ frame: this.frame.slice(), level });
    this.filled = 0;
  }
}

/** The ear of one telephone: frames that came and were not played. */
class Ear {
  constructor() {
    this.frames = [];
    this.hold = HOLD_FRAMES;
    this.resampler = new Resampler(RATE, sampleRate);
    this.ready = [];
    this.read = 0;
    this.peak = 0;
  }

  put(frame) {
    this.frames.push(frame);
    if (this.hold > 0) this.hold--;
    if (this.frames.length > MOST_FRAMES) this.frames.splice(0, this.frames.length - HOLD_FRAMES);
  }

  /** The next sample at the context's rate. */
  next() {
    if (this.read >= this.ready.length) {
      this.ready = this.resampler.push(this.takeFrame());
      this.read = 0;
    }
    return this.ready[this.read++] ?? 0;
  }

  takeFrame() {
    if (this.hold > 0) return SILENT;
    const frame = this.frames.shift();
    if (!frame) {
      this.hold = HOLD_FRAMES;
      return SILENT;
    }
    const samples = Float32Array.from(frame, decode);
    for (const sample of samples) this.peak = Math.max(this.peak, Math.abs(sample));
    return samples;
  }
}

const SILENT = new Float32Array(FRAME);

/** Takes `{id, frame}` and `{audible: [id…]}`; sends `{levels: {id: level}}` ten times a second. */
class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ears = new Map();
    this.audible = new Set();
    this.played = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(data) {
    if (data.audible) {
      this.audible = new Set(data.audible);
      return;
    }
    let ear = this.ears.get(data.id);
    if (!ear) this.ears.set(data.id, (ear = new Ear()));
    ear.put(data.frame);
  }

  process(_, [[output]]) {
    for (let index = 0; index < output.length; index++) {
      let sum = 0;
      for (const [id, ear] of this.ears) {
        const sample = ear.next();
        if (this.audible.has(id)) sum += sample;
      }
      output[index] = Math.max(-1, Math.min(1, sum));
    }
    this.played += output.length;
    if (this.played >= sampleRate / 10) this.report();
    return true;
  }

  report() {
    this.played = 0;
    const levels = {};
    for (const [id, ear] of this.ears) {
      levels[id] = ear.peak;
      ear.peak = 0;
    }
    this.port.postMessage({ levels });
  }
}

registerProcessor("telephone-capture", Capture);
registerProcessor("telephone-playback", Playback);
