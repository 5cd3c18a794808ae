/* Owns the short notices at the page's foot: one sentence each, perhaps one thing to press.
   Leaves what they say to notices.js, and what is undone to whom it concerns.
   The danger is a notice that goes while somebody reaches for it: its time stops under pointer and focus. */

import { arrange, element, icon } from "../element.js";
import { noticeText } from "./notices.js";

const CROSS = "M6 6l12 12M18 6L6 18";
const SHOWN_MS = 10_000;

export class Toasts {
  #toasts = new Map(); // by notice

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.element = element("section.toasts", { "aria-label": words.page.notices });
  }

  /** Show these notices, each for 10 s. One that has a time `within` which it can be undone is gone after it,
      even from under the pointer. */
  update({ notices }) {
    for (const [notice, toast] of this.#toasts) {
      if (notices.includes(notice)) continue;
      toast.timer.stop();
      this.#toasts.delete(notice);
    }
    arrange(this.element, notices.map((notice) => (this.#toasts.get(notice) ?? this.#add(notice)).element));
  }

  #add(notice) {
    const { actions } = this.words;
    const over = () => this.tell("notice_over", { notice });
    const undo = () => this.tell("undo", { notice });
    const timer = new Timer(over);
    const toast = element("div.toast", {
      role: "status", onpointerenter: () => timer.stop(), onpointerleave: () => timer.start(),
    }, element("p", {}, noticeText(notice, this.words)));
    toast.addEventListener("focusin", () => timer.stop());
    toast.addEventListener("focusout", () => timer.start());
    if (notice.undo) toast.append(element("button.undo", { type: "button", onclick: undo }, actions.undo));
    toast.append(element("button.close", { type: "button", "aria-label": actions.close, onclick: over }, icon(CROSS)));
    timer.start();
    if (notice.within) setTimeout(over, notice.within);
    this.#toasts.set(notice, { element: toast, timer });
    return this.#toasts.get(notice);
  }
}

class Timer {
  #timer;

  constructor(ring) {
    this.ring = ring;
  }

  start() {
    this.stop();
    this.#timer = setTimeout(this.ring, SHOWN_MS);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
