/* Owns what a screen reader hears: one polite region, news gathered for a moment and said together.
   Leaves choosing the news to milestones.js and the sentences to headlines.js. */

import { element } from "../element.js";
import { announcement } from "../line/headlines.js";

const GATHER_MS = 700;

export class Announcer {
  #news = [];
  #timer = null;

  constructor(words) {
    this.words = words;
    this.element = element("div.unseen", { role: "log", "aria-live": "polite", "aria-relevant": "additions" });
  }

  /** Say these [{kind, task}] soon, together with what else happens in that moment. */
  tell(news) {
    if (!news.length) return;
    this.#news.push(...news);
    this.#timer ??= setTimeout(() => this.#sayNews(), GATHER_MS);
  }

  /** Say this sentence now. */
  say(text) {
    this.element.append(element("p", {}, text));
    while (this.element.children.length > 20) this.element.firstElementChild.remove();
  }

  #sayNews() {
    this.#timer = null;
    this.say(announcement(this.#news.splice(0), this.words));
  }
}
