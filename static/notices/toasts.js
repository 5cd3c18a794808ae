/* Owns the short notices at the page's foot: one sentence each, perhaps one thing to press.
   Leaves what they say to notices.js, and what is undone to whom it concerns.
   The danger is a notice that goes while somebody reaches for it: its time stops under pointer and focus, and while the
   page is not seen. The other is one that covers what is needed: where it would cover what was pressed last or has the
   focus, it comes below the page's head instead. */

import { arrange, element, icon, setAttribute } from "../element.js";
import { goes } from "../meant.js";
import { noticeText } from "./notices.js";

const CROSS = "M6 6l12 12M18 6L6 18";
const SHOWN_MS = 10_000;

export class Toasts {
  #toasts = new Map(); // by notice
  #pressed = null; // what somebody was at last

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.element = element("section.toasts", { "aria-label": words.page.notices });
    addEventListener("pointerdown", ({ target }) => (this.#pressed = this.#within(target)), { capture: true });
    document.addEventListener("visibilitychange", () => this.#toasts.forEach(({ timer }) => timer.start()));
  }

  /** Show these notices, each for 10 s. One that has a time `within` which it can be undone is gone after it,
      even from under the pointer. */
  update({ notices }) {
    for (const [notice, toast] of this.#toasts) {
      if (notices.includes(notice)) continue;
      toast.timer.stop();
      goes(toast.element);
      this.#toasts.delete(notice);
    }
    const more = notices.some((notice) => !this.#toasts.has(notice));
    arrange(this.element, notices.map((notice) => (this.#toasts.get(notice) ?? this.#add(notice)).element));
    if (more) this.#place();
  }

  /* The whole of what somebody is at: a card, and not only its button. */
  #within(node) {
    const target = node instanceof Element && !this.element.contains(node) ? node : null;
    return target?.closest(".card, .form, .shelf-bar, button") ?? null;
  }

  /* At the foot, as long as that covers nothing that somebody is at. */
  #place() {
    setAttribute(this.element, "data-at", null);
    const needed = [this.#pressed, this.#within(document.activeElement)].filter((each) => each?.isConnected);
    const toasts = [...this.element.children];
    const covers = toasts.some((toast) => needed.some((each) => overlap(toast.getBoundingClientRect(), each.getBoundingClientRect())));
    setAttribute(this.element, "data-at", covers ? "top" : null);
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
    const show = () => this.tell("show_videos", { notice });
    if (notice.show) toast.append(element("button.undo", { type: "button", onclick: show }, actions.show));
    if (notice.undo) toast.append(element("button.undo", { type: "button", onclick: undo }, actions.undo));
    toast.append(element("button.close", { type: "button", "aria-label": actions.close, onclick: over }, icon(CROSS)));
    timer.start();
    if (notice.within) setTimeout(over, notice.within);
    this.#toasts.set(notice, { element: toast, timer });
    return this.#toasts.get(notice);
  }
}

const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

class Timer {
  #timer;

  constructor(ring) {
    this.ring = ring;
  }

  start() {
    this.stop();
    if (document.hidden) return;
    this.#timer = setTimeout(this.ring, SHOWN_MS);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
