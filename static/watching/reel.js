/* Owns the list of a link's videos, where there are several: which is on, which comes before and after it.
   Leaves playing to watch.js. */

import { stopwatch } from "../connection/clock.js";
import { arrange, element, icon, setAttribute, setHidden, setText } from "../element.js";

const BACK = "M15 5l-7 7 7 7";
const ON = "M9 5l7 7-7 7";

export class Reel {
  #tiles = new Map(); // by number
  #numbers = [];
  #current = null;

  /** `still` gives the address of a video's still, or null; `play` is called with a number. */
  constructor(words, still, play) {
    Object.assign(this, { words, still, play });
    const turn = (number) => number !== null && play(number);
    this.back = element("button.secondary", { type: "button", onclick: () => turn(this.previous) }, icon(BACK), element("span", {}, words.previous));
    this.on = element("button.secondary", { type: "button", onclick: () => turn(this.next) }, element("span", {}, words.next), icon(ON));
    this.said = element("p.reel-place", { role: "status" });
    this.list = element("ol.reel-list", { "aria-label": words.list });
    this.element = element("nav.reel", { hidden: true, "aria-label": words.list },
      element("div.reel-head", {}, this.back, this.said, this.on), this.list);
    for (const [action, number] of [["previoustrack", () => this.previous], ["nexttrack", () => this.next]]) {
      navigator.mediaSession?.setActionHandler(action, () => turn(number()));
    }
  }

  /** Which of how many is on. */
  get place() {
    return this.#numbers.indexOf(this.#current) + 1;
  }

  get previous() {
    return this.#numbers.findLast((number) => number < this.#current) ?? null;
  }

  /** The number of what comes after the one that is on; null after the last. */
  get next() {
    return this.#numbers.find((number) => number > this.#current) ?? null;
  }

  show({ videos }, current) {
    this.#numbers = videos.map(({ number }) => number);
    this.#current = current;
    setHidden(this.element, videos.length < 2);
    if (videos.length < 2) return;
    arrange(this.list, videos.map((video, index) => this.#tile(video, index + 1)));
    setText(this.said, this.place ? this.words.place(this.place, videos.length) : "");
    for (const [button, number] of [[this.back, this.previous], [this.on, this.next]]) setAttribute(button, "aria-disabled", String(number === null));
  }

  #tile({ number, width, height, seconds }, place) {
    if (!this.#tiles.has(number)) this.#tiles.set(number, this.#made(number, width / height, seconds));
    const tile = this.#tiles.get(number);
    const button = tile.firstChild;
    setAttribute(button, "aria-current", String(number === this.#current));
    setAttribute(button, "aria-label", this.words.video(place, Math.round(seconds)));
    setText(button.querySelector(".reel-number"), String(place));
    return tile;
  }

  #made(number, shape, seconds) {
    const still = this.still(number, 320);
    const button = element("button", { type: "button", onclick: () => this.play(number) },
      still ? element("img", { src: still, alt: "", loading: "lazy" }) : element("span.reel-blank"),
      element("span.reel-number"), element("span.reel-time", {}, stopwatch(seconds)));
    button.style.setProperty("--shape", shape);
    return element("li", {}, button);
  }
}
