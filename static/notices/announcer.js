/* Owns what a screen reader hears: one polite region, news gathered for a moment and said together.
   Leaves choosing the news to state.js and milestones.js, and the sentences to headlines.js. */

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

  /** Say what is new. */
  follow({ before, after }) {
    if (after.news !== before.news) this.#gather(after.news.filter(({ kind }) => kind !== "canceled")); // its toast has said it
    if (after.connection !== before.connection) this.#sayConnection(after);
    if (after.session === false && before.session !== false) this.#say(this.words.problems.no_cookies);
  }

  #sayConnection({ connection, snapshots }) {
    if (connection === "reconnecting") this.#say(this.words.heard.reconnecting);
    if (connection === "live" && snapshots > 1) this.#say(this.words.heard.live);
  }

  #gather(news) {
    if (!news.length) return;
    this.#news.push(...news);
    this.#timer ??= setTimeout(() => this.#sayNews(), GATHER_MS);
  }

  #sayNews() {
    this.#timer = null;
    this.#say(announcement(this.#news.splice(0), this.words));
  }

  #say(text) {
    this.element.append(element("p", {}, text));
    while (this.element.children.length > 20) this.element.firstElementChild.remove();
  }
}
