/* Owns the card of several files of one choosing that were refused. Leaves which, and why, to refusals.js, which is
   loaded with the first. It is to a shelf what a card is. */

import { element, setText, styled } from "../element.js";

export class Refused {
  constructor(key, words, tell) {
    Object.assign(this, { words, tell });
    this.name = element("h3.card-name", { id: `name-${key}`, tabindex: -1 });
    this.inside = element("div.card-words", {}, this.name);
    const named = { "aria-labelledby": `name-${key}`, id: `card-${key}`, "data-state": "refused", "data-open": true, "data-many": true };
    this.element = element("article.card", named, this.inside);
    this.#load();
  }

  /** Show these `refused` drafts. */
  update(card) {
    this.card = card;
    setText(this.name, this.words.card.manyRefused(card.refused.length));
    this.refusals?.update(card.refused);
  }

  async #load() {
    try {
      const [{ Refusals }] = await Promise.all([import("./refusals.js"), styled("cards/refusals.css")]);
      this.refusals = new Refusals(this.words, (action) => this.tell(action, { card: this.card, shown: this }));
      this.refusals.update(this.card.refused);
      this.inside.append(...this.refusals.elements);
    } catch (error) {
      this.tell("notice", { kind: "not_loaded" });
      throw error;
    }
  }

  focus() {
    this.name.focus();
  }

  /** As of a card: it plays nothing, and is never folded. */
  close() {}
  unfold() {}
}
