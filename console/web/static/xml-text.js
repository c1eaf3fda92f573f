// XML laid out for reading, from its text: a parser of the browser would drop what it does not show, follow what a
// document type says, and make elements of it.

// A tag, whose attributes may hold ">", or what stands between two.
const TOKEN = /<(?:"[^"]*"|'[^']*'|[^'"<>])*>|[^<]+/g;

/** The same with a line for each element; an element that has text alone stays on one. Throws if it is not well formed,
 * or has comments, CDATA or a document type, which TwiML never has. */
export function indentXml(text) {
  const tokens = text.match(TOKEN) ?? [];
  if (text.includes("<!") || tokens.join("") !== text) throw new Error("no XML that we lay out");
  const parts = tokens.map((token) => token.trim()).filter(Boolean);
  const open = [];
  let written = "";
  parts.forEach((part, index) => {
    const closes = part.startsWith("</");
    if (closes && open.pop() !== nameOf(part)) throw new Error(`expected another end than ${part}`);
    const before = parts[index - 1];
    const stays = closes
      ? opens(before) || (!isTag(before) && opens(parts[index - 2]))
      : !isTag(part) && opens(before) && parts[index + 1]?.startsWith("</");
    written += stays || !index ? part : `\n${"  ".repeat(open.length)}${part}`;
    if (opens(part)) open.push(nameOf(part));
  });
  if (open.length || !parts.length) throw new Error("expected an end of every element");
  return written;
}

function isTag(part = "") {
  return part.startsWith("<");
}

function opens(part = "") {
  return isTag(part) && !/^<[/?]/.test(part) && !part.endsWith("/>");
}

function nameOf(part) {
  return part.match(/[^\s<>/]+/)?.[0];
}
