// Exact messages, laid out for reading: JSON indented, XML by its elements, a form as its fields. The bytes stay as
// they came for whoever asks for them.

import { make } from "./elements.js";
import { layOutJson } from "./json-text.js";
import { indentXml } from "./xml-text.js";

/** An element that shows the text as its syntax says; as it is, if it is not what it says to be. */
export function makeReadable(text, syntax) {
  try {
    if (syntax === "json") return makePre(...layOutJson(text));
    if (syntax === "xml") return makePre(indentXml(text));
    if (syntax === "form") return makeFields(text);
  } catch {
    // Cut short, or made by a program with a fault: the reader wants to see exactly that.
  }
  return makePre(text);
}

/** The text as it was sent. */
export function makePre(...parts) {
  return make("pre", { class: "message-text", tabindex: 0 }, ...parts);
}

function makeFields(text) {
  const fields = [...new URLSearchParams(text)];
  if (!fields.length) throw new Error("not a form");
  return make(
    "dl",
    { class: "message-fields", tabindex: 0 },
    ...fields.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value || "(empty)"))),
  );
}
