// Where the entries of a timeline stand: pure sums, no page.

/** Height of a line of entries, in pixels: a finger's or a pointer's target (WCAG 2.5.8). */
export const LINE_PX = 26;
/** A moment's mark. */
export const MARK_PX = 24;
// More lines of moments than these make a lane unreadable. Beyond it marks overlap, until somebody zooms in.
const MOST_LINES = 3;
// A label shorter than this says nothing; one longer is cut: the line below the lanes has all of it.
const SHORTEST_LABEL_PX = 56;
const LONGEST_LABEL_PX = 230;
const LETTER_PX = 6.6;
const GAP_PX = 4;
// Where a line may stand on the axis, in seconds.
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const TICK_PX = 84;

/** The places of one lane's entries in a lane of `room` pixels: `{places, lines}`, where `places` is a map of an
 * entry's number to `{left, width, line, label, moment}`, in pixels. `label` is the width that is free for the title;
 * 0: there is none. Voices come first, so that a lane reads as the sound in it; then whatever else lasts; then the
 * moments. */
export function packLane(entries, scale, room) {
  const order = [...entries].sort((a, b) => a.at_ms - b.at_ms || lengthOf(b) - lengthOf(a) || a.number - b.number);
  const groups = [[], [], []];
  for (const entry of order)
    groups[entry.kind === "speech" && !isMoment(entry) ? 0 : isMark(entry, scale) ? 2 : 1].push(entry);
  const places = new Map();
  let lines = 0;
  for (const group of groups) lines += packGroup(group, scale, room, lines, places);
  for (const place of places.values()) if (place.label < SHORTEST_LABEL_PX) place.label = 0;
  return { places, lines: Math.max(1, lines) };
}

function packGroup(entries, scale, room, firstLine, places) {
  const ends = [];
  const last = [];
  for (const entry of entries) {
    const left = entry.at_ms * scale;
    const moment = isMark(entry, scale);
    const width = moment ? MARK_PX : Math.max(6, lengthOf(entry) * scale);
    const free = Math.min(LONGEST_LABEL_PX, Math.max(0, room - left - MARK_PX - GAP_PX));
    const text = moment ? Math.min(free, entry.title.length * LETTER_PX + 8) : 0;
    const line = chooseLine(ends, left, moment ? MOST_LINES : Infinity);
    const before = last[line];
    if (before?.moment) before.label = Math.max(0, Math.min(before.label, left - before.left - MARK_PX - GAP_PX));
    last[line] = { left, width, line: firstLine + line, moment, label: moment ? text : Math.max(0, width - 8) };
    places.set(entry.number, last[line]);
    ends[line] = left + width + text + (moment ? GAP_PX : 0);
  }
  return ends.length;
}

function chooseLine(ends, left, most) {
  const free = ends.findIndex((end) => end <= left + 0.01);
  if (free >= 0) return free;
  if (ends.length < most) return ends.length;
  return ends.indexOf(Math.min(...ends));
}

// What is too short to be seen at this scale is a mark, too. Speech stays as long as it was.
function isMark(entry, scale) {
  return isMoment(entry) || (entry.kind !== "speech" && lengthOf(entry) * scale < MARK_PX);
}

function isMoment(entry) {
  return entry.until_ms === null || entry.until_ms === undefined;
}

function lengthOf(entry) {
  return (entry.until_ms ?? entry.at_ms) - entry.at_ms;
}

/** The times at which the axis has a line, from 0 to the end. */
export function ticks(endMs, scale) {
  const step = (STEPS_S.find((seconds) => seconds * 1000 * scale >= TICK_PX) ?? STEPS_S.at(-1)) * 1000;
  const times = [];
  for (let time = 0; time <= endMs; time += step) times.push(time);
  return { times, step };
}

/** What stands beside a line of the axis: whole seconds, or tenths where the step is shorter. */
export function tickLabel(ms, step) {
  const seconds = Math.floor(ms / 1000);
  const whole = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return step < 1000 ? `${whole}.${Math.round(ms / 100) % 10}` : whole;
}
