// G.711 mu-law, as in `sandbox/speech/mulaw.py`: one byte a sample, 8000 samples a second.

export const RATE = 8000;
export const FRAME = 160;
export const SILENCE = 0xff;
const BIAS = 33;
const CLIP = 8158;

/** A sample from -1 to 1 as a byte. */
export function encode(sample) {
  const linear = Math.round(Math.max(-1, Math.min(1, sample)) * 8192);
  const biased = Math.min(Math.abs(linear), CLIP) + BIAS;
  const segment = 26 - Math.clz32(biased);
  const bits = (segment << 4) | ((biased >> (segment + 1)) & 15);
  return ~(bits | (linear < 0 ? 0x80 : 0)) & 0xff;
}

const DECODED = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const segment = (bits >> 4) & 7;
  const magnitude = ((2 * (bits & 15) + BIAS) << segment) - BIAS;
  return (bits & 0x80 ? -magnitude : magnitude) / 8192;
});

/** A byte as a sample from -1 to 1. */
export function decode(byte) {
  return DECODED[byte];
}
