/* Owns what a screen reader hears: one polite region, news gathered for a moment and said together.
   Leaves choosing the news to state.js and milestones.js, and the sentences to headlines.js. */

import { batchOf } from "../cards/cards.js";
import { element } from "../element.js";
import { announcement } from "../line/headlines.js";

const GATHER_MS = 700;
const HELD_MS = 15_000;

export class Announcer {
  #news = [];
  #timer = null;
  #refused = []; // not told yet
  #late = null;

  constructor(words) {
    this.words = words;
    this.element = element("div.unseen", { role: "log", "aria-live": "polite", "aria-relevant": "additions" });
  }

  /** Say what is new. */
  follow({ before, after }) {
    if (after.news !== before.news) this.#hear(after.news.filter(({ kind }) => kind !== "canceled")); // its toast has said it
    if (this.#refused.length && after.drafts !== before.drafts) this.#tellRefused(after.drafts);
    if (after.connection !== before.connection) this.#sayConnection(after);
    if (after.session === false && before.session !== false) this.#say(this.words.problems.no_cookies);
  }

  #sayConnection({ connection, snapshots }) {
    if (connection === "reconnecting") this.#say(this.words.heard.reconnecting);
    if (connection === "live" && snapshots > 1) this.#say(this.words.heard.live);
  }

  /* What was refused of one choosing is told once: when nothing of it is on its way any more, or that takes too long. */
  #hear(news) {
    this.#gather(news.filter(({ kind }) => kind !== "refused"));
    this.#refused.push(...news.filter(({ kind }) => kind === "refused"));
    if (this.#refused.length) this.#late ??= setTimeout(() => this.#tellRefused(), HELD_MS);
  }

  #tellRefused(drafts = new Map()) {
    const open = new Set([...drafts.values()].filter(({ state }) => state !== "refused").map(({ key }) => batchOf(key)));
    const [held, told] = [true, false].map((is) => this.#refused.filter(({ draft }) => open.has(batchOf(draft.key)) === is));
    this.#refused = held;
    if (!held.length) this.#late = clearTimeout(this.#late) ?? null;
    this.#gather(told);
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
