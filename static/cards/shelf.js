/* Owns the place where the cards stand: which are shown, in which order, and the buttons that choose.
   Leaves each card to card.js.
   The danger is five hundred of them: a card is only touched when what it shows may have changed. */

import { Grid } from "./grid.js";
import { cards, clearable, counts, FILTERS, filtered, pictures } from "./cards.js";
import { element, elementWithRoom, setAttribute, setHidden, setText } from "../element.js";
import { came } from "../meant.js";

export class Shelf {
  #near = false; // the end of what stands here
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
    this.clear = element("button.quiet.clear", { type: "button", "data-dangerous": true, onclick: clear, disabled: true }, clearing);
    this.bar = element("div.shelf-bar", { hidden: true },
      element("div.filters", { role: "group", "aria-label": words.page.show }, ...this.filters), this.clear);
    this.grid = new Grid(words, this.tell);
    this.wall = element("div.wall-place", { hidden: true }); // the videos, as wall/ shows them
    this.empty = element("div.empty", {}, steps(words));
    this.trash = element("p.trash", { hidden: true }, words.page.trash);
    this.none = element("p.none", { hidden: true }, words.page.emptyFilter);
    this.notice = element("p.notice", { role: "alert", hidden: true });
    this.older = element("div.older", { hidden: true }, words.page.older);
    const heading = element("h2.unseen", { id: "yours" }, words.page.yours);
    this.element = element("section.shelf", { id: "pictures", "aria-labelledby": "yours", tabindex: -1 },
      heading, this.notice, this.bar, this.empty, this.trash, this.none, this.grid.element, this.wall, this.older);
    const comesNear = ([{ isIntersecting }]) => {
      this.#near = isIntersecting;
      if (isIntersecting) this.#more();
    };
    this.near = new IntersectionObserver(comesNear, { rootMargin: "800px" });
  }

  #filterButton(name) {
    const onclick = () => this.tell("filter", { name });
    const count = element("span.count");
    return element("button.filter", { type: "button", "data-filter": name, onclick }, this.words.filters[name], " ", count);
  }

  /** Where the theatre opens, nothing else plays. */
  follow({ event, after }) {
    if (event === "theatre") this.grid.close();
    if (event === "tick" && this.#near && after.live && !after.listing) this.#more(); // an answer did not come
  }

  /** Show the cards that there are now. */
  update(state) {
    const list = cards(state.tasks, state.drafts);
    const walled = state.filter === "videos" && state.wall !== false;
    const shown = walled ? [] : filtered(list, state.filter);
    this.#updateBar(list, state, walled);
    setHidden(this.wall, !walled);
    setHidden(this.grid.element, walled);
    setHidden(this.clear, walled);
    this.#updateNotice(state);
    setHidden(this.empty, list.length > 0 || state.next !== null);
    setHidden(this.trash, state.filter !== "trash" || shown.length === 0);
    setHidden(this.none, walled || list.length === 0 || shown.length > 0 || state.next !== null);
    this.grid.update(list, shown, state);
    this.#updateOlder(state, walled);
    if (state.broughtUp && state.broughtUp !== this.#last.broughtUp) this.#open(state.broughtUp);
    this.#last = state;
  }

  #updateBar(list, { filter: chosen, next }, walled) {
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
    this.#updateClear(walled ? 0 : pictures(clearable(list, chosen)), chosen); // there, tiles are selected
  }

  /* It says what it does: so many, of what the tab shows. When it goes while it has the focus, it hands it on. */
  #updateClear(count, chosen) {
    const says = this.words.clear[chosen] ?? this.words.clear.all;
    setText(this.clearSays, says(count));
    if (chosen !== this.#last.filter || (count && this.clear.disabled)) came(this.clear); // it says something else now
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
  #updateOlder({ next, filter }, walled) {
    const hidden = walled || (next === null && this.grid.isWhole);
    if (hidden === this.older.hidden && next === this.#last.next && filter === this.#last.filter) return;
    setHidden(this.older, hidden);
    this.#lookAgain();
  }

  #lookAgain() {
    this.near.unobserve(this.older);
    this.near.observe(this.older);
  }

  /* Of those that are known, or else of those that the server has. */
  #more() {
    if (this.grid.isWhole) return this.tell("near_end");
    this.grid.more();
    if (this.grid.isWhole) this.#updateOlder(this.#last, false);
    this.#lookAgain();
  }

  /* Bring the card of a task into view and give it the focus. */
  #open({ id, folded }) {
    const card = this.grid.of(id);
    if (!folded) card?.unfold(true);
    card?.element.scrollIntoView({ block: "center" });
    card?.focus();
  }
}

function steps(words) {
  const list = element("ol.steps", {}, ...words.steps.map(([name, text]) =>
    element("li", {}, element("strong", {}, name), element("span", {}, text))));
  return list;
}
