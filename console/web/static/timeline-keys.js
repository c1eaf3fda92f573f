// The timeline by keyboard: left and right go through a lane by time, up and down to what is nearest in the next lane.

/** Moves the focus as a key says; other keys are left alone. */
export function moveFocus(timeline, event) {
  const now = event.target.closest("button");
  if (!now) return;
  const entry = timeline.byNumber.get(Number(now.dataset.number));
  const next = findNext(timeline.view, entry, event.key);
  if (next === undefined) return;
  event.preventDefault();
  if (next) timeline.focusEntry(next.number);
}

/** The entry that a key leads to; null: there is none that way; undefined: the key means nothing here. */
function findNext(view, entry, key) {
  const lane = entriesOf(view, entry.lane);
  const index = lane.indexOf(entry);
  switch (key) {
    case "ArrowRight":
      return lane[index + 1] ?? null;
    case "ArrowLeft":
      return lane[index - 1] ?? null;
    case "Home":
      return lane[0];
    case "End":
      return lane.at(-1);
    case "ArrowDown":
      return nearestInLane(view, entry, 1);
    case "ArrowUp":
      return nearestInLane(view, entry, -1);
    default:
      return undefined;
  }
}

function entriesOf(view, laneId) {
  return view.entries.filter((entry) => entry.lane === laneId).sort((a, b) => a.at_ms - b.at_ms || a.number - b.number);
}

function nearestInLane(view, entry, step) {
  const ids = view.lanes.map((lane) => lane.id);
  for (let index = ids.indexOf(entry.lane) + step; index >= 0 && index < ids.length; index += step) {
    const entries = entriesOf(view, ids[index]);
    if (entries.length)
      return entries.reduce((best, each) => (distance(each, entry) < distance(best, entry) ? each : best));
  }
  return null;
}

function distance(a, b) {
  return Math.abs(a.at_ms - b.at_ms);
}
