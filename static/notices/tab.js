/* Owns the tab: its title and its icon, which shows the progress of the picture being made.
   Leaves the title's words to headlines.js. */

import { setAttribute } from "../element.js";
import { iconPercent, title } from "../line/headlines.js";

const RING = 2 * Math.PI * 13;

export class Tab {
  #icon = document.querySelector("link[rel=icon]");
  #home = this.#icon.getAttribute("href");
  #state = null; // what is to be told yet

  constructor(tell) {
    document.addEventListener("visibilitychange", () => tell("looked", { hidden: document.hidden }));
  }

  /** Tell it, after this frame: to a browser, a tab's new title is as much work as the page's own changes. */
  update(state) {
    if (!this.#state) setTimeout(() => this.#show());
    this.#state = state;
  }

  #show() {
    const state = this.#state;
    this.#state = null;
    const text = title(state);
    if (document.title !== text) document.title = text;
    const percent = iconPercent(state);
    setAttribute(this.#icon, "href", percent === null ? this.#home : ring(percent));
  }
}

/* Redrawn at every fifth percent: a tab's icon is small, and browsers draw it anew each time. */
function ring(percent) {
  const part = (Math.floor(percent / 5) * 5) / 100;
  const circle = (colour, dash) => `<circle cx="16" cy="16" r="13" fill="none" stroke="${colour}" stroke-width="6"${dash}/>`;
  const dash = ` stroke-dasharray="${(part * RING).toFixed(1)} ${RING.toFixed(1)}" transform="rotate(-90 16 16)"`;
  const rings = `${circle("#9aa79f", "")}${circle("#c2184a", dash)}`;
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${rings}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}
