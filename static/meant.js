/* Owns that nothing dangerous is pressed by who meant something else: what has data-dangerous and has just come to where
   it is, or to where the pointer is, is deaf to the pointer for a second, and looks it. Leaves what is dangerous to who
   makes it. Keys are never held up: they press what has the focus, and that is never handed to what is dangerous.
   The danger is a person who is quicker than the page: a press takes a fifth of a second from the eye to the finger. */

import { setAttribute } from "./element.js";

const DEAF_MS = 1000;
const CONTROLS = "button, a, input, select, textarea, summary, video";

const deaf = new WeakMap(); // until when, by timer
let pointer = { x: -1, y: -1 }; // where it was last
let under = null; // the control that was there
let looks = false;
let left = []; // boxes of what has gone, for as long as somebody may still mean it

/** This button has come to where it is; one that is not dangerous hears at once. */
export function came(button) {
  if (!button.hasAttribute("data-dangerous")) return;
  clearTimeout(deaf.get(button));
  setAttribute(button, "data-deaf", true);
  deaf.set(button, setTimeout(() => setAttribute(button, "data-deaf", false), DEAF_MS));
}

/** This part of the page, which lay over others, is about to go. */
export function goes(part) {
  const box = part.getBoundingClientRect();
  left.push(box);
  setTimeout(() => (left = left.filter((each) => each !== box)), DEAF_MS);
}

/** To be called when the page may look different: what has come to the pointer that did not move is seen once it has been
    laid out; to ask sooner would lay it out twice. */
export function look() {
  if (pointer.x < 0 || looks) return;
  looks = true;
  setTimeout(() => {
    looks = false;
    meet(control(document.elementFromPoint(pointer.x, pointer.y)), true);
  });
}

const control = (node) => node?.closest?.(CONTROLS) ?? null;
const holds = ({ left: l, right, top, bottom }, { x, y }) => l <= x && x <= right && top <= y && y <= bottom;

/* What the pointer meets it has gone to, unless it was there already. */
function meet(found, rests) {
  if (found !== under && found && (rests || holds(found.getBoundingClientRect(), pointer))) came(found);
  under = found;
}

function pointed({ clientX: x, clientY: y, target, type }) {
  const found = control(target);
  meet(found, x === pointer.x && y === pointer.y);
  pointer = { x, y };
  if (type === "pointerdown" && found && left.some((box) => holds(box, pointer))) came(found);
}

/* What is scrolled to is meant. */
function scrolled() {
  if (pointer.x >= 0) under = control(document.elementFromPoint(pointer.x, pointer.y));
}

function pressed(event) {
  if (!event.detail || !event.target.closest?.("[data-deaf]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

for (const type of ["pointermove", "pointerover", "pointerdown"]) addEventListener(type, pointed, { capture: true, passive: true });
addEventListener("scroll", scrolled, { capture: true, passive: true });
addEventListener("click", pressed, { capture: true });
