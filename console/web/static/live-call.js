// Reads a call from the server and follows it while it runs (server-sent events).

/** Whether the reader asked to see whole phone numbers. */
export function wantsNumbers() {
  return new URLSearchParams(location.search).get("numbers") === "1";
}

function addressOf(sid, rest) {
  return `/api/calls/${encodeURIComponent(sid)}${rest}${wantsNumbers() ? "?numbers=1" : ""}`;
}

/** The exact messages of an entry. */
export async function readMessages(sid, number) {
  const response = await fetch(addressOf(sid, `/entries/${number}`));
  if (!response.ok) throw new Error(await readReason(response));
  return (await response.json()).messages;
}

/** Follows a call: `onView(view, live)` at the start and at every change, `onState(sentence)` about the connection.
 * Returns a function that stops it. */
export function followCall(sid, { onView, onState }) {
  let view = null;
  const events = new EventSource(addressOf(sid, "/events"));
  const told = (name, take) => events.addEventListener(name, (event) => take(event.data ? JSON.parse(event.data) : null));
  told("snapshot", (whole) => {
    view = whole;
    onView(view, isRunning(view));
    onState(isRunning(view) ? "Live" : "");
  });
  told("patch", (patch) => {
    view = mergePatch(view, patch);
    onView(view, isRunning(view));
  });
  told("end", () => {
    events.close();
    if (view) onView(view, false);
    onState("");
  });
  told("problem", (problem) => onState(problem?.message ?? "The calls cannot be read now."));
  events.onopen = () => onState(view && isRunning(view) ? "Live" : "");
  events.onerror = () => sayWhyLost(events, sid, onState);
  return () => events.close();
}

/** The view with what changed: entries and turns by their number, everything else whole. */
export function mergePatch(view, patch) {
  const merged = { ...view, ...patch };
  for (const part of ["entries", "turns"]) {
    if (!patch[part]) continue;
    const byNumber = new Map(view[part].map((each) => [each.number, each]));
    for (const each of patch[part]) byNumber.set(each.number, each);
    merged[part] = [...byNumber.values()].sort((a, b) => a.at_ms - b.at_ms || a.number - b.number);
  }
  return merged;
}

function isRunning(view) {
  return view.summary.outcome === "running";
}

// The browser tries again by itself unless the server refused: then only an answer to a plain request has the reason.
async function sayWhyLost(events, sid, onState) {
  onState("The connection to the program is lost. Trying again …");
  if (events.readyState !== EventSource.CLOSED) return;
  try {
    const response = await fetch(addressOf(sid, ""));
    onState(response.ok ? "This page is no longer live. Load it again." : await readReason(response));
  } catch {
    onState("The program does not answer any more. Start it again, and open the address that it prints.");
  }
}

async function readReason(response) {
  const text = (await response.text()).trim();
  return text && text.length < 400 ? text : `the program answered ${response.status}`;
}
