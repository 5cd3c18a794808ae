/* Owns telling somebody who looks elsewhere when a video is done, if they want to be told. Leaves how to ring.js.
   Nothing is asked for, and nothing sounds, before the person's own click. */

import { element, icon, setAttribute, setText } from "../element.js";
import { keep, kept } from "../kept.js";

const BELL = "M12 3a6 6 0 0 0-6 6v4l-2 4h16l-2-4V9a6 6 0 0 0-6-6zM10 19a2 2 0 0 0 4 0z";

export const wasOn = () => kept("bell") === "on";

export class Bell {
  #on = false;

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.text = element("span");
    this.element = element("button.bell", { type: "button", onclick: () => this.#toggle() }, icon(BELL), this.text);
  }

  update({ bell }) {
    this.#on = bell;
    setAttribute(this.element, "aria-pressed", String(bell));
    setText(this.text, bell ? this.words.bell.on : this.words.bell.off);
  }

  async #toggle() {
    const on = !this.#on;
    keep("bell", on ? "on" : "off");
    this.tell("bell", { on });
    if (!on) return;
    this.#ring(0.03);
    const allowed = "Notification" in window ? await Notification.requestPermission() : "denied";
    if (allowed === "granted") this.tell("bell_allowed");
    else this.tell("notice", { kind: "bell_denied" });
  }

  /** Tell of what has just finished, well or badly. */
  follow({ before, after }) {
    if (!after.bell || after.news === before.news) return;
    const ended = after.news.filter(({ kind }) => kind === "succeeded" || kind === "failed");
    if (!ended.length) return;
    const shown = document.hidden && "Notification" in window && Notification.permission === "granted";
    this.#ring(0.12, shown ? ended.slice(-3).map(({ task }) => task) : []);
  }

  /* Loaded when it first rings: most people never ask for it. */
  async #ring(volume, tasks = []) {
    const { chime, notify } = await import("./ring.js");
    chime(volume);
    for (const task of tasks) notify(task, this.words);
  }
}
