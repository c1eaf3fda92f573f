// Changes the rate of a stream of samples: a windowed sinc, with what lies above the lower rate's half filtered out.

const ZEROS = 8; // crossings of the sinc on each side
const PHASES = 256; // of the table between two of them

const TABLE = Float32Array.from({ length: ZEROS * PHASES + 1 }, (_, index) => {
  const at = index / PHASES;
  const sinc = at === 0 ? 1 : Math.sin(Math.PI * at) / (Math.PI * at);
  return sinc * (0.5 + 0.5 * Math.cos((Math.PI * at) / ZEROS));
});

export class Resampler {
  constructor(from, to) {
    this.step = from / to;
    this.cut = 0.94 * Math.min(1, to / from); // of the input's half rate, with room for the filter's slope
    this.reach = Math.ceil(ZEROS / this.cut);
    this.input = new Float32Array(2 * this.reach);
    this.at = this.reach; // of the next output, in the samples of `input`
  }

  /** The samples that follow from these; the same array, filled anew, where the rates are equal. */
  push(samples) {
    if (this.step === 1) return samples;
    const joined = new Float32Array(this.input.length + samples.length);
    joined.set(this.input);
    joined.set(samples, this.input.length);
    const output = [];
    for (; this.at + this.reach < joined.length; this.at += this.step) output.push(this.sum(joined, this.at));
    const drop = Math.max(0, Math.floor(this.at) - this.reach);
    this.input = joined.slice(drop);
    this.at -= drop;
    return output;
  }

  sum(samples, at) {
    let sum = 0;
    for (let index = Math.ceil(at - this.reach); index <= at + this.reach; index++) {
      const away = Math.abs(at - index) * this.cut;
      if (away < ZEROS) sum += samples[index] * TABLE[Math.round(away * PHASES)];
    }
    return sum * this.cut;
  }
}
