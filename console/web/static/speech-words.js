// Joins what the timeline knows of sound with what the transcript knows of words.

// A turn begins when its words do, or when they were understood: a little before the sound or after it.
const NEAR_MS = 1500;

/** The view's entries; those of speech with the words in their title, and alone as `label`. */
export function nameSpeech(view) {
  const lanes = new Map(view.lanes.map((lane) => [lane.id, lane]));
  const left = view.turns.filter((turn) => turn.heard);
  return view.entries.map((entry) => {
    const turn = entry.kind === "speech" && takeTurn(left, entry, lanes.get(entry.lane));
    if (!turn || entry.title.includes(turn.heard)) return entry;
    return { ...entry, title: `${entry.title}: “${turn.heard}”`, label: `“${turn.heard}”` };
  });
}

// Each turn is said once: of two entries that are near, the first one has it.
function takeTurn(left, entry, lane) {
  const end = entry.until_ms ?? entry.at_ms;
  const index = left.findIndex(
    (turn) =>
      isFrom(turn, lane) && turn.at_ms >= entry.at_ms - NEAR_MS && turn.at_ms <= Math.min(end, entry.at_ms + NEAR_MS),
  );
  return index < 0 ? null : left.splice(index, 1)[0];
}

function isFrom(turn, lane) {
  if (turn.speaker === "person") return lane?.kind === "person" && lane.name.startsWith(turn.name);
  return turn.speaker === lane?.kind;
}
