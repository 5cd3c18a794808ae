/* Owns one tile of the wall: its elements, made once, and filling them in. Leaves what its parts do to tiles.js, playing
   to the theatre.
   The danger is two thousand of them: each is as large as its place in its row makes it, whatever it says. */

import { element, icon, setAttribute, setHidden, setProperty, setText } from "../element.js";
import { kept, shapeOf, sharp } from "../cards/phrases.js";
import { nameOf } from "../words/words.js";

const PIN = "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6";

export class Tile {
  #task = null;
  #said = null;
  #url = null;

  constructor(id, words) {
    Object.assign(this, { id, words });
    const onerror = () => (this.still.srcset ? setAttribute(this.still, "srcset", null) : setHidden(this.still, true));
    this.still = element("img.tile-still", { alt: "", decoding: "async", loading: "lazy", draggable: "false", onerror });
    this.open = element("button.tile-open", { type: "button", "data-glimpses": id }, this.still); // see cards/hover.js
    this.check = element("input.tile-check", { type: "checkbox" });
    this.name = element("span.tile-name");
    this.detail = element("span.tile-detail");
    this.soon = element("span.tile-soon", { hidden: true });
    this.pin = element("button.tile-pin", { type: "button" }, icon(PIN));
    const words_ = element("p.tile-words", {}, this.name, " ", this.detail);
    this.element = element("li.tile", { "data-id": id }, this.open, this.check, words_, this.soon, this.pin);
    this.current = false;
  }

  /** Show this task, as `scene` has it: {words, clock}. */
  update(task, scene, selected) {
    const { wall, actions } = this.words;
    this.check.checked = selected;
    setAttribute(this.element, "data-selected", selected);
    this.#tellKept(task, scene);
    if (task === this.#task) return;
    this.#task = task;
    const name = nameOf({ task }, this.words);
    setAttribute(this.open, "aria-label", wall.watch(name));
    setAttribute(this.check, "aria-label", wall.select(name));
    setAttribute(this.pin, "aria-label", actions.of(actions[task.pinned ? "unpin" : "pin"], name));
    setAttribute(this.pin, "title", actions[task.pinned ? "unpin" : "pin"]);
    setAttribute(this.element, "data-pinned", task.pinned);
    setText(this.name, name);
    this.#show(task.image);
  }

  #tellKept(task, { clock }) {
    const told = kept(task, { words: this.words, clock });
    const detail = [this.words.wall.length(Math.round(task.video?.seconds ?? 0)), told.text].filter(Boolean).join(" · ");
    if (detail === this.#said) return;
    this.#said = detail;
    setText(this.detail, detail);
    setText(this.soon, told.soon ? told.text : "");
    setHidden(this.soon, !told.soon);
  }

  #show(image) {
    if (image.thumbnail_url === this.#url && this.shape) return;
    this.#url = image.thumbnail_url;
    const shape = shapeOf(image);
    this.shape = shape;
    setProperty(this.element, "--shape", shape.toFixed(4));
    setAttribute(this.still, "sizes", `${Math.round(13 * shape)}rem`);
    setAttribute(this.still, "srcset", image.thumbnail_url ? sharp(image) : null);
    setAttribute(this.still, "src", image.thumbnail_url);
  }

  /** Its share of its row's width, of so many tiles in it. */
  place({ share, count }) {
    setProperty(this.element, "--share", share.toFixed(5));
    setProperty(this.element, "--count", count);
  }

  /** Whether the tab key comes here, of all tiles. */
  set current(is) {
    for (const part of [this.open, this.check, this.pin]) part.tabIndex = is ? 0 : -1;
  }
}
