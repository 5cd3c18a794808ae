/* Owns making and changing elements: texts are always text nodes, and nothing is touched that already is
   as it should be, so that focus, playback and layout survive every update. */

/** `element("button.primary", {type: "button", onclick}, "text", child…)`: functions become listeners. */
export function element(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made[key] = value;
    else setAttribute(made, key, value);
  }
  made.append(...children);
  return made;
}

/** An element for a text that changes, and the node to set it in. It is as high as the highest of `texts` makes it,
    in whatever font: what lies below never moves. */
export function elementWithRoom(name, texts) {
  const said = element("span");
  const room = [...new Set(texts)].map((text) => element("span.room", { "aria-hidden": "true" }, text));
  return [element(`${name}.roomy`, {}, said, ...room), said];
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Set an attribute; null, undefined and false take it away, true makes it empty. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

export function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

/** Set a custom property for the stylesheet; the policy allows no style attributes, only this way. */
export function setProperty(node, name, value) {
  if (node.style.getPropertyValue(name) !== String(value)) node.style.setProperty(name, value);
}

/** Make `children` the children of `parent`, moving only what is not in its place, keeping focus. */
export function arrange(parent, children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else insert(parent, child, next);
  }
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
}

function insert(parent, child, before) {
  if (child.isConnected && parent.isConnected && parent.moveBefore) parent.moveBefore(child, before);
  else parent.insertBefore(child, before);
}

const styles = new Map(); // by path

/** Resolves once the page has this stylesheet, whose path is this folder's. */
export function styled(path) {
  if (!styles.has(path)) styles.set(path, new Promise((onload, failed) => {
    const onerror = () => [styles.delete(path), failed(new Error(`${path} could not be loaded`))]; // so it can be again
    document.head.append(element("link", { rel: "stylesheet", href: new URL(path, import.meta.url), onload, onerror }));
  }));
  return styles.get(path);
}

const SVG = "http://www.w3.org/2000/svg";

/** A drawing on a 24 × 24 grid from path data; it says nothing to a screen reader. */
export function icon(path) {
  const drawing = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(line);
  return drawing;
}
