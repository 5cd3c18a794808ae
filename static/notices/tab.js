/* Owns the tab: its title and its icon, which shows the progress of the picture being made.
   Leaves the title's words to headlines.js. */

import { iconPercent, title } from "../line/headlines.js";
import { setAttribute } from "../element.js";

const RING = 2 * Math.PI * 13;

export class Tab {
  #unseen = 0;
  #icon = document.querySelector("link[rel=icon]");
  #home = this.#icon.getAttribute("href");

  constructor() {
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  /** Another video is ready; counted in the title while nobody looks. */
  done(count) {
    if (document.hidden) this.#unseen += count;
  }

  update(scene, tasks, drafts) {
    this.last = [scene, tasks, drafts];
    const text = title(tasks, drafts, scene, this.#unseen);
    if (document.title !== text) document.title = text;
    const percent = iconPercent(tasks, scene);
    setAttribute(this.#icon, "href", percent === null ? this.#home : ring(percent));
  }

  #seen() {
    if (document.hidden || !this.#unseen) return;
    this.#unseen = 0;
    if (this.last) this.update(...this.last);
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
