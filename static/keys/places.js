/* Owns which cards and tiles the keyboard goes between, and which lies where from which: by their boxes, so that a
   mirrored page needs no word of it. Leaves the keys to keys.js. */

import { current, ITEMS } from "./keys.js";

const SAME_ROW = 8; // px: tops that differ by no more stand side by side

const shown = () => [...document.querySelectorAll(ITEMS)].filter((item) => item.getClientRects().length);

/** Bring the focus to the next one in this direction: up, down, left or right; of a row's end, to the next row. From
    elsewhere, to the first in sight. */
export function go(direction) {
  const items = shown();
  const from = current();
  const to = from ? next(items, from, direction) : items.find((item) => item.getBoundingClientRect().bottom > HEAD_PX) ?? items.at(-1);
  if (!to) return;
  to.querySelector(".card-name, .tile-open").focus({ preventScroll: true });
  to.scrollIntoView({ block: "nearest" });
}

const HEAD_PX = 64;

function next(items, from, direction) {
  const boxes = new Map(items.map((item) => [item, item.getBoundingClientRect()]));
  return (direction === "up" || direction === "down" ? inColumn : inRow)(items, boxes, from, direction);
}

/* In the nearest row beyond, what lies most nearly above or below. */
function inColumn(items, boxes, from, direction) {
  const { top, left, right } = boxes.get(from);
  const sign = direction === "down" ? 1 : -1;
  const beyond = items.filter((item) => sign * (boxes.get(item).top - top) > SAME_ROW);
  const row = Math.min(...beyond.map((item) => sign * boxes.get(item).top));
  const aside = (item) => Math.abs(boxes.get(item).left + boxes.get(item).right - left - right);
  return least(beyond.filter((item) => sign * boxes.get(item).top - row <= SAME_ROW), aside);
}

/* The nearest beside it; past a row's end goes on as one reads. */
function inRow(items, boxes, from, direction) {
  const { top, left } = boxes.get(from);
  const sign = direction === "right" ? 1 : -1;
  const away = (item) => sign * (boxes.get(item).left - left);
  const beside = items.filter((item) => Math.abs(boxes.get(item).top - top) <= SAME_ROW && away(item) > 1);
  const forwards = (direction === "right") === (getComputedStyle(from).direction === "ltr");
  return least(beside, away) ?? items[items.indexOf(from) + (forwards ? 1 : -1)];
}

const least = (items, by) => items.reduce((one, other) => (one && by(one) <= by(other) ? one : other), null);
