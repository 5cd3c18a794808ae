/* Owns the choice of what a viewing link lets be seen of a video before it plays, each shown as it would be. */

import { element, setAttribute } from "../element.js";

const KINDS = ["none", "blurred", "clear"];

export class PosterChoice {
  #stills = [];

  constructor({ poster, posters }) {
    this.choices = KINDS.map((kind) => element("input", { type: "radio", name: "poster", value: kind, checked: kind === "none" }));
    this.element = element("fieldset.posters", {}, element("legend", {}, poster),
      ...this.choices.map((choice) => element("label", {}, choice, this.#sample(choice.value), element("span", {}, posters[choice.value]))));
  }

  /* The real one is blurred by the server, much more than any style does. */
  #sample(kind) {
    if (kind === "none") return element("span.poster-sample.reel-blank");
    const still = element("img", { alt: "" });
    this.#stills.push(still);
    return element("span.poster-sample", { "data-kind": kind }, still);
  }

  get value() {
    return this.choices.find(({ checked }) => checked).value;
  }

  /** Show how it would be with this still; null for none that there is. */
  of(url) {
    for (const still of this.#stills) setAttribute(still, "src", url);
  }
}
