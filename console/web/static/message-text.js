// Exact messages, laid out for reading: JSON indented, XML by its elements, a form as its fields. The bytes stay as
// they came for whoever asks for them.

import { make } from "./elements.js";

// Audio in base64 hides everything else. The raw form has all of it.
const LONGEST_STRING = 400;
const JSON_PART = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** An element that shows the text as its syntax says; as it is, if it is not what it says to be. */
export function makeReadable(text, syntax) {
  try {
    if (syntax === "json") return colourJson(indentJson(text));
    if (syntax === "xml") return makePre(indentXml(text));
    if (syntax === "form") return makeFields(text);
  } catch {
    // Cut short, or made by a program with a fault: the reader wants to see exactly that.
  }
  return makePre(text);
}

/** The text as it was sent. */
export function makePre(text) {
  return make("pre", { class: "message-text", tabindex: 0 }, text);
}

function indentJson(text) {
  return JSON.stringify(JSON.parse(text), (_, value) => (typeof value === "string" ? shorten(value) : value), 2);
}

function shorten(value) {
  if (value.length <= LONGEST_STRING) return value;
  return `${value.slice(0, 80)}… (${value.length.toLocaleString("en")} characters; "as sent" has all of them)`;
}

function colourJson(text) {
  const pre = makePre("");
  let done = 0;
  for (const match of text.matchAll(JSON_PART)) {
    const kind = match[2] !== undefined ? "key" : match[1] !== undefined ? "string" : "value";
    pre.append(
      text.slice(done, match.index),
      make("span", { class: `json-${kind}` }, match[1] ?? match[0]),
      match[2] ?? "",
    );
    done = match.index + match[0].length;
  }
  pre.append(text.slice(done));
  return pre;
}

function indentXml(text) {
  const parsed = new DOMParser().parseFromString(text, "text/xml");
  if (parsed.querySelector("parsererror")) throw new Error("not XML");
  return writeElement(parsed.documentElement, "");
}

function writeElement(element, indent) {
  const copy = element.cloneNode(false);
  const tag = new XMLSerializer()
    .serializeToString(copy)
    .replace(/\s*\/>$/, "")
    .replace(/><\/[^>]*>$/, "");
  const children = [...element.children];
  if (!children.length) {
    return element.textContent
      ? `${indent}${tag}>${escapeXml(element.textContent.trim())}</${element.tagName}>`
      : `${indent}${tag}/>`;
  }
  const inner = children.map((child) => writeElement(child, `${indent}  `)).join("\n");
  return `${indent}${tag}>\n${inner}\n${indent}</${element.tagName}>`;
}

function escapeXml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
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
