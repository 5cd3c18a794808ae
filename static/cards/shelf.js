/* Owns the place where the cards stand: which are shown, in which order, and the buttons that choose.
   Leaves each card to card.js.
   The danger is five hundred of them: a card is only touched when what it shows may have changed. */

import { Card } from "./card.js";
import { cards, clearable, counts, FILTERS, filtered } from "./cards.js";
import { arrange, element, elementWithRoom, setAttribute, setHidden, setText } from "../element.js";
import { isFinished } from "../tasks/tasks.js";

export class Shelf {
  #cards = new Map();
  #seen = new Map();
  #last = {};

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.#build();
  }

  #build() {
    const { words } = this;
    this.filters = Object.keys(FILTERS).map((name) => this.#filterButton(name));
    const clear = () => this.tell("clear");
    const [clearing, clearSays] = elementWithRoom("span", Object.values(words.clear).map((says) => says(100)));
    this.clearSays = clearSays;
    this.clear = element("button.quiet.clear", { type: "button", onclick: clear, disabled: true }, clearing);
    this.bar = element("div.shelf-bar", { hidden: true },
      element("div.filters", { role: "group", "aria-label": words.page.show }, ...this.filters), this.clear);
    this.grid = element("div.grid");
    this.empty = element("div.empty", {}, steps(words));
    this.trash = element("p.trash", { hidden: true }, words.page.trash);
    this.none = element("p.none", { hidden: true }, words.page.emptyFilter);
    this.notice = element("p.notice", { role: "alert", hidden: true });
    this.older = element("div.older", { hidden: true }, words.page.older);
    const heading = element("h2.unseen", { id: "yours" }, words.page.yours);
    this.element = element("section.shelf", { id: "pictures", "aria-labelledby": "yours", tabindex: -1 },
      heading, this.notice, this.bar, this.empty, this.trash, this.none, this.grid, this.older);
    const comesNear = ([entry]) => entry.isIntersecting && this.tell("near_end");
    this.near = new IntersectionObserver(comesNear, { rootMargin: "800px" });
  }

  #filterButton(name) {
    const onclick = () => this.tell("filter", { name });
    const count = element("span.count");
    return element("button.filter", { type: "button", "data-filter": name, onclick }, this.words.filters[name], " ", count);
  }

  /** Show the cards that there are now. */
  update(state) {
    const list = cards(state.tasks, state.drafts);
    const shown = filtered(list, state.filter);
    this.#updateBar(list, state);
    this.#updateNotice(state);
    setHidden(this.empty, list.length > 0 || state.next !== null);
    setHidden(this.trash, state.filter !== "trash" || shown.length === 0);
    setHidden(this.none, list.length === 0 || shown.length > 0 || state.next !== null);
    const again = UNLIKE.some((unlike) => unlike(state, this.#last));
    const all = state.parameters?.fields !== this.#last.parameters?.fields;
    arrange(this.grid, shown.map((card) => this.#updated(card, state, again, all).element));
    this.#forget(list, shown);
    setAttribute(this.grid, "data-few", shown.length < 4 && shown.length > 0 ? shown.length : null);
    this.#updateOlder(state);
    if (state.broughtUp && state.broughtUp !== this.#last.broughtUp) this.#open(list, state.broughtUp);
    this.#last = state;
  }

  #updateBar(list, { filter: chosen, next }) {
    const numbers = counts(list);
    setHidden(this.bar, list.length === 0);
    for (const button of this.filters) {
      const { filter } = button.dataset;
      setAttribute(button, "aria-pressed", String(filter === chosen));
      const more = next !== null && filter !== "line"; // older ones, which are not known yet: a number is not all
      setText(button.lastElementChild, `${this.words.number(numbers[filter])}${more ? "+" : ""}`);
      setAttribute(button, "data-none", numbers[filter] === 0);
      if (filter === "trash") setHidden(button, numbers.trash === 0 && chosen !== "trash");
    }
    this.#updateClear(clearable(list, chosen).length, chosen);
  }

  /* It says what it does: so many, of what the tab shows. When it goes while it has the focus, it hands it on. */
  #updateClear(count, chosen) {
    const says = this.words.clear[chosen] ?? this.words.clear.all;
    setText(this.clearSays, says(count));
    if (this.clear.disabled === (count === 0)) return;
    if (this.clear === document.activeElement) this.#focus(chosen);
    this.clear.disabled = count === 0;
  }

  #focus(chosen) {
    const next = this.bar.hidden ? this.element : this.filters.find(({ dataset }) => dataset.filter === chosen);
    next.focus({ preventScroll: true });
  }

  #updateNotice({ address }) {
    setText(this.notice, address.missing ? this.words.page.unknown : "");
    setHidden(this.notice, !address.missing);
  }

  /* An observer tells of a crossing once; observing anew tells whether the end is still near. */
  #updateOlder({ next }) {
    setHidden(this.older, next === null);
    if (next === this.#last.next) return;
    this.near.unobserve(this.older);
    this.near.observe(this.older);
  }

  #updated(card, state, again, all) {
    const shown = this.#cards.get(card.key) ?? this.#add(card.key);
    const seen = this.#seen.get(card.key);
    const same = seen?.task === card.task && seen?.draft === card.draft;
    if (!same || all || (again && !(card.task && isFinished(card.task)))) shown.update(card, state);
    this.#seen.set(card.key, card);
    return shown;
  }

  #add(key) {
    const card = new Card(key, this.words, this.tell);
    this.#cards.set(key, card);
    return card;
  }

  /* What is not seen plays nothing. By key: as many as went may have come meanwhile. */
  #forget(list, shown) {
    const [keys, seen] = [list, shown].map((some) => new Set(some.map(({ key }) => key)));
    for (const [key, card] of this.#cards) {
      if (!seen.has(key)) card.close();
      if (keys.has(key)) continue;
      this.#cards.delete(key);
      this.#seen.delete(key);
    }
  }

  /* Bring the card of a task into view and give it the focus. */
  #open(list, { id, folded }) {
    const card = this.#cards.get(list.find(({ task }) => task?.task_id === id)?.key);
    if (!folded) card?.unfold(true);
    card?.element.scrollIntoView({ block: "center" });
    card?.focus();
  }
}

/* What changes the words of every card that still goes on, or shows cards that were not kept up to date. */
const UNLIKE = [
  (now, last) => now.ticks !== last.ticks,
  (now, last) => now.live !== last.live,
  (now, last) => now.filter !== last.filter,
];

function steps(words) {
  const list = element("ol.steps", {}, ...words.steps.map(([name, text]) =>
    element("li", {}, element("strong", {}, name), element("span", {}, text))));
  return list;
}
