// Times, sums and kinds in words, as every part of a page says them.

/** What each kind of entry is called. */
export const KINDS = {
  call: "Call",
  speech: "Speech",
  ringing: "Ringing",
  key: "Key",
  stream: "Media stream",
  model: "Model",
  tool: "Tool",
  transfer: "Transfer",
  webhook: "Webhook",
  rest: "REST request",
  notice: "Notice",
  fault: "Fault",
};

/** What an entry's tone adds to its title, for those who do not see the colour; empty: nothing. */
export function toneOf(entry) {
  if (entry.tone === "warning") return entry.kind === "speech" ? "cut off" : "warning";
  return entry.tone === "fault" ? "fault" : "";
}

/** A place in the call, such as "1:04.3". */
export function clock(ms) {
  const tenths = Math.max(0, Math.round(ms / 100));
  const seconds = Math.floor(tenths / 10);
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}.${tenths % 10}`;
}

/** A length of time, such as "340 ms", "4.2 s", "1 min 4 s". */
export function lasting(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** A number with its thing, such as "1 tool", "3 tools". */
export function count(number, thing) {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

/** A sum of money, such as "$0.012": two digits that matter, since a call costs cents. */
export function dollars(sum) {
  if (sum === 0) return "$0";
  return `$${sum.toFixed(sum >= 0.1 ? 2 : sum >= 0.01 ? 3 : 4)}`;
}

/** A date and time in the reader's own zone. */
export function dateAndTime(ms) {
  return new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** All of an entry in one sentence: the name of its button. */
export function describe(entry, laneName) {
  const parts = [`${laneName}: ${entry.title}`, `at ${clock(entry.at_ms)}`];
  if (entry.until_ms !== null && entry.until_ms !== undefined) {
    parts.push(entry.open ? "lasts still" : `for ${lasting(entry.until_ms - entry.at_ms)}`);
  }
  if (toneOf(entry)) parts.push(toneOf(entry));
  return parts.join(", ");
}
