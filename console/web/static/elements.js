// Makes elements. What a caller, a model or Twilio said goes in as text: nothing here, or anywhere, parses HTML.

const SVG = "http://www.w3.org/2000/svg";

// One stroke each, drawn in a square of 16: told apart at 14 pixels.
const ICONS = {
  call: "M5.2 2.5 3 3.2c-.3 4.9 4.9 10 9.8 9.8l.7-2.2-3-1.7-1.3 1.2C7.7 9.6 6.4 8.3 5.7 6.8L6.9 5.5z",
  speech: "M2.5 7v2M5.2 4.5v7M8 2.5v11M10.8 5v6M13.5 7v2",
  ringing: "M4 11V7.5a4 4 0 0 1 8 0V11l1.2 1.5H2.8zM6.8 14.2h2.4",
  key: "M3.5 3.5h.01M8 3.5h.01M12.5 3.5h.01M3.5 8h.01M8 8h.01M12.5 8h.01M8 12.5h.01",
  stream: "M2.5 5.5h10M10 3l2.5 2.5L10 8M13.5 10.5h-10M6 8l-2.5 2.5L6 13",
  model: "M8 2.2 9.5 6.5 13.8 8 9.5 9.5 8 13.8 6.5 9.5 2.2 8 6.5 6.5z",
  tool: "M10.5 2.6a3.2 3.2 0 0 0-3 4.3L2.8 11.6l1.6 1.6 4.7-4.7a3.2 3.2 0 0 0 4.2-4L11.2 6.5 9.5 6.3 9.3 4.6z",
  transfer: "M3 12.5c0-4 2.5-6 6-6h4M10.5 3.5l3 3-3 3",
  webhook: "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5",
  rest: "M8 13.5v-11M4.5 6 8 2.5 11.5 6",
  notice: "M2.5 4h11v8.5h-11zM2.5 4.5 8 9l5.5-4.5",
  fault: "M8 2.5 14 13H2zM8 6.5v3M8 11.3h.01",
};

/** An element with its attributes and children. A child that is null is left out; a string becomes text.
 * An attribute that is null or false is left out; `on…` is a listener. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** The picture of a kind of entry. It says nothing to a screen reader: a word always stands beside it. */
export function makeIcon(kind) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[kind] ?? ICONS.stream);
  svg.append(path);
  return svg;
}

/** Sets a custom property or another style. The pages' policy forbids style attributes, but not this. */
export function place(element, properties) {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
}

/** Keeps one element for each item of a list, in its order, so that focus and selection live through a patch. */
export function keepList(parent, items, keyOf, create, update) {
  const kept = (parent.keptElements ??= new Map());
  const wanted = new Set(items.map(keyOf));
  for (const [key, element] of kept) {
    if (!wanted.has(key)) {
      element.remove();
      kept.delete(key);
    }
  }
  items.forEach((item, index) => {
    let element = kept.get(keyOf(item));
    if (!element) {
      element = create(item);
      kept.set(keyOf(item), element);
    }
    update?.(element, item);
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
  });
}
