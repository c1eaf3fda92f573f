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
 * While the page is hidden it does not listen: a browser opens six connections to one host for all of its tabs.
 * Returns a function that stops it. */
export function followCall(sid, { onView, onState }) {
  let events = null;
  let over = false;
  const stop = () => {
    events?.close();
    events = null;
  };
  const onVisibility = () => {
    if (document.hidden) stop();
    else if (!over) events ??= listen(sid, { onView, onState, onEnd: () => (over = true) });
  };
  document.addEventListener("visibilitychange", onVisibility);
  onVisibility();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    stop();
  };
}

function listen(sid, { onView, onState, onEnd }) {
  let view = null;
  let problem = "";
  const events = new EventSource(addressOf(sid, "/events"));
  const told = (name, take) => events.addEventListener(name, (event) => take(JSON.parse(event.data)));
  const show = (next, live) => {
    view = next;
    problem = "";
    onView(view, live);
    onState(live ? "Live" : "");
  };
  told("snapshot", (whole) => show(whole, isRunning(whole)));
  told("patch", (patch) => show(mergePatch(view, patch), isRunning({ ...view, ...patch })));
  told("end", () => {
    events.close();
    onEnd();
    if (view) show(view, false);
  });
  told("problem", ({ message }) => onState((problem = `${message} Trying again …`)));
  events.onerror = () => {
    if (!problem) onState("The connection to the program is lost. Trying again …");
    if (events.readyState === EventSource.CLOSED) sayWhyRefused(sid, onState);
  };
  return events;
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
async function sayWhyRefused(sid, onState) {
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
