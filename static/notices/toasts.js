/* Owns the short notices at the page's foot: one sentence each, perhaps one thing to press.
   Leaves what is undone to the caller.
   The danger is a notice that goes while somebody reaches for it: its time stops under pointer and focus. */

import { element, icon } from "../element.js";

const CROSS = "M6 6l12 12M18 6L6 18";
const SHOWN_MS = 10_000;

export class Toasts {
  constructor(words) {
    this.words = words;
    this.element = element("section.toasts", { "aria-label": words.page.notices });
  }

  /** Show a notice for 10 s. `undo` adds a button of that name; `gone` runs when it was not pressed. After
      `within` milliseconds, when nothing can be undone any more, it goes even from under the pointer. */
  show(text, { undo = null, gone = () => {}, within = null } = {}) {
    const toast = element("div.toast", { role: "status" });
    const end = (done) => {
      if (!toast.isConnected) return;
      timer.stop();
      toast.remove();
      done();
    };
    const timer = new Timer(() => end(gone));
    toast.append(element("p", {}, text));
    if (undo) toast.append(element("button.undo", { type: "button", onclick: () => end(undo) }, this.words.actions.undo));
    const close = { type: "button", "aria-label": this.words.actions.close, onclick: () => end(gone) };
    toast.append(element("button.close", close, icon(CROSS)));
    toast.onpointerenter = toast.onfocusin = () => timer.stop();
    toast.onpointerleave = toast.onfocusout = () => timer.start();
    this.element.append(toast);
    timer.start();
    if (within) setTimeout(() => end(gone), within);
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
