/* Owns the place where the cards stand: which are shown, in which order, and the buttons that choose.
   Leaves each card to card.js.
   The danger is five hundred of them: a card is only touched when what it shows may have changed. */

import { Card } from "./card.js";
import { counts, FILTERS, filtered } from "./cards.js";
import { element, arrange, setAttribute, setHidden, setText } from "../element.js";
import { isFinished } from "../tasks/tasks.js";

export class Shelf {
  #cards = new Map();
  #seen = new Map();
  #last = null;
  filter = "all";

  /** `act(action, card, shown)` for a card's buttons; `on` has clear(), filtered() and older(), which resolves
      to whether there was anything. */
  constructor(words, act, on) {
    this.words = words;
    this.act = act;
    this.on = on;
    this.#build();
  }

  #build() {
    const { words } = this;
    this.filters = Object.keys(FILTERS).map((name) => this.#filterButton(name));
    const clear = () => this.on.clear();
    this.clear = element("button.quiet.clear", { type: "button", onclick: clear }, words.actions.clear);
    this.bar = element("div.shelf-bar", { hidden: true },
      element("div.filters", { role: "group", "aria-label": words.page.show }, ...this.filters), this.clear);
    this.grid = element("div.grid");
    this.empty = element("div.empty", {}, steps(words));
    this.none = element("p.none", { hidden: true }, words.page.emptyFilter);
    this.notice = element("p.notice", { role: "alert", hidden: true });
    this.older = element("div.older", { hidden: true }, words.page.older);
    const heading = element("h2.unseen", { id: "yours" }, words.page.yours);
    this.element = element("section.shelf", { id: "pictures", "aria-labelledby": "yours", tabindex: -1 },
      heading, this.notice, this.bar, this.empty, this.none, this.grid, this.older);
    const comesNear = ([entry]) => entry.isIntersecting && this.#olderWhileNear(near);
    const near = new IntersectionObserver(comesNear, { rootMargin: "800px" });
    near.observe(this.older);
  }

  /* An observer tells of a crossing once; observing anew tells whether the end is still near. */
  async #olderWhileNear(near) {
    if (!(await this.on.older())) return;
    near.unobserve(this.older);
    near.observe(this.older);
  }

  #filterButton(name) {
    const onclick = () => {
      this.filter = name;
      this.on.filtered();
    };
    const count = element("span.count");
    return element("button.filter", { type: "button", "data-filter": name, onclick }, this.words.filters[name], " ", count);
  }

  /** Show these cards. `tick` says that time has passed, so that what counts down must be written anew. */
  update(list, scene, { hasOlder, tick }) {
    const shown = filtered(list, this.filter);
    this.#updateBar(list);
    setHidden(this.empty, list.length > 0);
    setHidden(this.none, list.length === 0 || shown.length > 0);
    setHidden(this.older, !hasOlder);
    const again = tick || scene.live !== this.#last?.live || scene.queue?.paused !== this.#last?.queue?.paused;
    arrange(this.grid, shown.map((card) => this.#updated(card, scene, again).element));
    this.#forget(list);
    setAttribute(this.grid, "data-few", shown.length < 4 && shown.length > 0 ? shown.length : null);
    this.#last = scene;
  }

  #updateBar(list) {
    const numbers = counts(list);
    setHidden(this.bar, list.length === 0);
    for (const button of this.filters) {
      const { filter } = button.dataset;
      setAttribute(button, "aria-pressed", String(filter === this.filter));
      setText(button.lastElementChild, this.words.number(numbers[filter]));
      setAttribute(button, "data-none", numbers[filter] === 0);
    }
    const finished = list.some(({ task, draft }) => (task ? isFinished(task) : draft.state === "refused"));
    if (this.clear.disabled === finished) this.clear.disabled = !finished;
  }

  #updated(card, scene, again) {
    const shown = this.#cards.get(card.key) ?? this.#add(card.key);
    const seen = this.#seen.get(card.key);
    const same = seen?.task === card.task && seen?.draft === card.draft;
    if (!same || (again && !(card.task && isFinished(card.task)))) shown.update(card, scene);
    this.#seen.set(card.key, card);
    return shown;
  }

  #add(key) {
    const card = new Card(key, this.act, this.words);
    this.#cards.set(key, card);
    return card;
  }

  #forget(list) {
    if (this.#cards.size === list.length) return;
    const keys = new Set(list.map(({ key }) => key));
    for (const [key, card] of this.#cards) {
      if (keys.has(key)) continue;
      card.close();
      this.#cards.delete(key);
      this.#seen.delete(key);
    }
  }

  /** Bring a card into view and give it the focus, whatever was filtered. */
  open(key) {
    const card = this.#cards.get(key);
    card?.element.scrollIntoView({ block: "center" });
    card?.focus();
  }

  /** Say something about the pictures that stays until it is no longer so. */
  note(text) {
    setText(this.notice, text);
    setHidden(this.notice, !text);
  }
}

function steps(words) {
  const list = element("ol.steps", {}, ...words.steps.map(([name, text]) =>
    element("li", {}, element("strong", {}, name), element("span", {}, text))));
  return list;
}
