/* Owns what stands above the tiles: the search, in which order and groups they are, how long videos are kept, and what
   is said where there are none. Leaves what comes of a choice to whom it tells of it. */

import { GROUPS } from "./groups.js";
import { SORTS } from "./found.js";
import { element, setAttribute, setHidden, setText } from "../element.js";

const MOST_LETTERS = 200; // as the server takes

export class Head {
  /** `does` has what is asked for: look(changes, typed), group(name), select(). */
  constructor(words, does) {
    this.words = words;
    const { wall } = words;
    const oninput = () => this.search.value !== this.wall?.search && does.look({ search: this.search.value }, true);
    this.search = element("input.wall-search", {
      type: "search", "aria-label": wall.search, placeholder: wall.search, maxlength: MOST_LETTERS, oninput, onchange: oninput,
    });
    this.sort = choice(wall.sort, wall.sorts, SORTS, (sort) => does.look({ sort }));
    this.group = choice(wall.group, wall.groups, GROUPS, does.group);
    this.choose = element("button.quiet.wall-choose", { type: "button", onclick: does.select }, wall.choose);
    this.rule = element("p.wall-rule");
    this.said = element("p.unseen", { role: "status" });
    this.none = element("p.none", { hidden: true });
    const bar = element("div.wall-head", { role: "search" }, this.search, this.choose, this.sort, this.group);
    this.elements = [bar, this.rule, this.said, this.none];
  }

  /** Show how so many tiles are looked through; `looking` is whether there may be more. */
  update({ wall, limits }, { count, looking, selecting }) {
    this.wall = wall;
    const search = wall.search.trim();
    const { none, empty, found } = this.words.wall;
    if (this.search.value !== wall.search && document.activeElement !== this.search) this.search.value = wall.search;
    this.sort.value = wall.sort;
    this.group.value = wall.group;
    setText(this.none, search ? none(search) : empty);
    setHidden(this.none, count > 0 || looking);
    setText(this.said, search && !looking ? found(count) : "");
    setText(this.rule, this.#rule(limits));
    for (const part of [this.rule, this.choose]) setHidden(part, count === 0);
    setAttribute(this.choose, "aria-pressed", String(selecting));
  }

  /* How long a video is kept, by what the server has set. */
  #rule({ keep_days: days = 0, keep_gb: gb = 0 }) {
    const { wall } = this.words;
    if (!days) return gb ? wall.room : wall.forEver;
    return (gb ? wall.keptForRoom : wall.kept)(Number(days.toFixed(2)));
  }
}

function choice(label, texts, values, chosen) {
  const options = values.map((value) => element("option", { value }, texts[value]));
  const select = element("select.wall-select", { "aria-label": label, onchange: () => chosen(select.value) }, ...options);
  return select;
}
