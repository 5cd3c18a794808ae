/* Owns the bar that says how many tiles are selected, and what can be done with them.
   Leaves the doing to whom it tells of it, with cards as any button of theirs does. */

import { element, icon, setAttribute, setHidden, setText } from "../element.js";
import { kept } from "../cards/phrases.js";
import { nameOf } from "../words/words.js";
import { MOST_SELECTED } from "./selection.js";

const CROSS = "M6 6l12 12M18 6L6 18";

export class Bar {
  #cards = [];

  /** `does` has what is asked for besides: all(), end(). */
  constructor(words, tell, does) {
    Object.assign(this, { words, tell });
    const { wall, actions } = words;
    const button = (name, text, onclick) => element("button.quiet", { type: "button", "data-does": name, "data-dangerous": name === "delete", onclick }, text);
    this.says = element("p.wall-count", { role: "status" });
    this.about = element("p.wall-about");
    this.all = button("all", "", does.all);
    this.pin = button("pin", "", () => this.#do(this.#pinned() ? "unpin" : "pin"));
    this.acts = [
      button("again", wall.send, () => this.#do("again")), button("link", wall.share, () => this.#share()), this.pin,
      button("delete", actions.delete, () => this.#do("delete")),
    ];
    this.end = element("button.close", { type: "button", "aria-label": wall.end, title: wall.end, onclick: does.end }, icon(CROSS));
    const buttons = element("div.wall-acts", {}, ...this.acts);
    const said = element("div.wall-said", {}, this.says, this.about);
    this.element = element("div.wall-bar", { role: "group", "aria-labelledby": "wall-count", hidden: true }, said, this.all, buttons, this.end);
    this.says.id = "wall-count";
  }

  /** Show what is selected of the tasks that are `shown`; `full` where no more can be. */
  update(shown, { ids, full }, selecting, scene) {
    const { wall, actions } = this.words;
    if (!selecting) return this.hide();
    setHidden(this.element, false);
    setAttribute(document.documentElement, "data-selecting", true);
    const tasks = shown.filter(({ task_id: id }) => ids.has(id));
    this.#cards = tasks.map((task) => ({ key: task.task_id, task, draft: null }));
    setText(this.says, wall.selected(tasks.length));
    setText(this.about, full ? wall.most(MOST_SELECTED) : tasks.length === 1 ? this.#one(tasks[0], scene) : "");
    setText(this.all, wall.all(Math.min(shown.length, MOST_SELECTED)));
    this.all.disabled = tasks.length === Math.min(shown.length, MOST_SELECTED);
    setText(this.pin, actions[this.#pinned() ? "unpin" : "pin"]);
    for (const act of this.acts) act.disabled = tasks.length === 0;
  }

  hide() {
    this.#cards = [];
    setHidden(this.element, true);
    setAttribute(document.documentElement, "data-selecting", false);
  }

  #one(task, scene) {
    return [nameOf({ task }, this.words), kept(task, { words: this.words, ...scene }).text].filter(Boolean).join(" · ");
  }

  #pinned() {
    return this.#cards.length > 0 && this.#cards.every(({ task }) => task.pinned);
  }

  #do(event) {
    if (this.#cards.length === 1) this.tell(event, { card: this.#cards[0] });
    else this.tell(event, { cards: this.#cards });
  }

  #share() {
    const [card] = this.#cards;
    this.tell("link", this.#cards.length === 1 ? { card } : { tasks: this.#cards.map(({ task }) => task) });
  }
}
