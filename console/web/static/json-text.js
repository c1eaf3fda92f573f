// JSON laid out for reading: indented, with keys, strings and other values told apart.

import { make } from "./elements.js";

// Audio in base64 hides everything else. The text as it was sent has all of it.
const LONGEST_STRING = 400;
// Colours for more than this take the browser longer than anybody waits.
const LONGEST_COLOURED = 200_000;
const TOKEN = /"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const OPENS = new Set(["{", "["]);
const CLOSES = new Set(["}", "]"]);

/** The parts of the text, to be put into a `pre`; throws if it is no JSON. Numbers keep their digits: to parse them and
 * write them again would round the long ones. */
export function layOutJson(text) {
  JSON.parse(text);
  if (text.length > LONGEST_COLOURED) return [text];
  const tokens = text.match(TOKEN);
  const parts = [];
  let depth = 0;
  const breakLine = () => parts.push(`\n${"  ".repeat(depth)}`);
  tokens.forEach((token, index) => {
    const empty = OPENS.has(tokens[index - 1]) && CLOSES.has(token);
    if (CLOSES.has(token)) depth -= 1;
    if (index && !empty && (CLOSES.has(token) || OPENS.has(tokens[index - 1]) || tokens[index - 1] === ","))
      breakLine();
    parts.push(writeToken(token, tokens[index + 1]));
    if (OPENS.has(token)) depth += 1;
  });
  return parts;
}

function writeToken(token, next) {
  if (token === ":") return ": ";
  if (token === "," || OPENS.has(token) || CLOSES.has(token)) return token;
  if (!token.startsWith('"')) return make("span", { class: "json-value" }, token);
  return make("span", { class: next === ":" ? "json-key" : "json-string" }, writeString(token));
}

function writeString(token) {
  const value = JSON.parse(token);
  if (value.length <= LONGEST_STRING) return JSON.stringify(value);
  return `${JSON.stringify(value.slice(0, 80))} … (${value.length.toLocaleString("en")} characters: see "As sent")`;
}
