/* Owns the cards that stand on the page: making them, keeping them up to date, and their order.
   Leaves which there are to cards.js, one card to card.js.
   The danger is two thousand of them: they stand here as far as somebody has looked, and of these, those in sight are
   shown at once, the others when nothing else is to be done. */

import { arrange, element, setAttribute } from "../element.js";
import { isFinished } from "../tasks/tasks.js";
import { Card } from "./card.js";
import { goesSoon } from "./phrases.js";
import { Refused } from "./refused.js";

const AT_ONCE = 60; // cards that come to stand here
const SLICE_MS = 4; // at a time, where there is something else to do
const UNSEEN_TICKS = 10; // of those out of sight, times count down every so many seconds
const TELLS = "oncontentvisibilityautostatechange" in globalThis; // whether the browser says which are in sight

const idle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 30));

export class Grid {
  #cards = new Map();
  #seen = new Map(); // by key, what each was told last
  #behind = new Map(); // by key, what is to be told those that show something older
  #near = new Set(); // keys of those that the browser draws
  #shown = [];
  #list = [];
  #most = AT_ONCE;
  #placed = [];
  #waits = false;
  #last = {};

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.element = element("div.grid");
    this.element.addEventListener("contentvisibilityautostatechange", ({ target, skipped }) => this.#drawn(target, skipped), { capture: true });
  }

  /** Show the cards that there are now: of the whole `list` those that are `shown`. */
  update(list, shown, state) {
    if (state.filter !== this.#last.filter) this.#most = AT_ONCE;
    const { broughtUp } = state;
    const [before, same] = [this.#shown, isSame(list, this.#list)];
    [this.#shown, this.#list] = [shown, list];
    if (broughtUp !== this.#last.broughtUp) this.#most = Math.max(this.#most, shown.findIndex(({ task }) => task?.task_id === broughtUp?.id) + 1);
    this.#mark(state);
    this.#last = state;
    for (const [key, card] of this.#behind) if (this.#isNear(key)) this.#show(key, card);
    this.#place();
    if (!same || !isSame(shown, before)) this.#forget();
    setAttribute(this.element, "data-few", shown.length < 4 && shown.length > 0 ? shown.length : null);
    this.#later();
  }

  /** Whether all that are shown stand here. */
  get isWhole() {
    return this.#most >= this.#shown.length;
  }

  /** Somebody comes near the last that stands here: more come. */
  more() {
    const from = this.#most;
    this.#most += AT_ONCE;
    for (const card of this.#shown.slice(from, this.#most)) this.#show(card.key, card);
    this.#place();
  }

  /** Nothing plays here any more. */
  close() {
    for (const card of this.#cards.values()) card.close();
  }

  /** The card of this task, if it stands here. */
  of(id) {
    return this.#cards.get(this.#shown.find(({ task }) => task?.task_id === id)?.key);
  }

  /* Which show something older than there is. */
  #mark(state) {
    const last = this.#last;
    const all = state.parameters?.fields !== last.parameters?.fields;
    const others = ["live", "filter", "graces"].some((name) => state[name] !== last[name]);
    const ticked = state.ticks !== last.ticks;
    const unseen = state.ticks % UNSEEN_TICKS === 0;
    for (const card of this.#shown.slice(0, this.#most)) {
      const seen = this.#seen.get(card.key);
      const changed = seen?.task !== card.task || seen?.draft !== card.draft || seen?.refused !== card.refused;
      const counts = ticked && (unseen || this.#isNear(card.key));
      if (changed || all || ((others || counts) && goesOn(card, state))) this.#behind.set(card.key, card);
    }
  }

  #isNear(key) {
    return !TELLS || this.#near.has(key) || !this.#cards.has(key);
  }

  #show(key, card) {
    this.#behind.delete(key);
    if (!this.#cards.has(key)) this.#cards.set(key, new (card.refused ? Refused : Card)(key, this.words, this.tell));
    this.#cards.get(key).update(card, this.#last);
    this.#seen.set(key, card);
  }

  #place() {
    const placed = this.#shown.slice(0, this.#most);
    if (isSame(placed, this.#placed)) return;
    this.#placed = placed;
    const refocus = this.#focused();
    arrange(this.element, placed.map(({ key }) => this.#cards.get(key).element));
    refocus?.();
  }

  /* Where the card that has the focus goes, the one that comes to its place is to have it. */
  #focused() {
    const card = this.element.contains(document.activeElement) && document.activeElement.closest(".card");
    if (!card) return null;
    const at = [...this.element.children].indexOf(card);
    return () => {
      if (card.isConnected) return;
      const next = this.element.children[at] ?? this.element.lastElementChild;
      (next?.querySelector(".card-name") ?? document.getElementById("pictures")).focus({ preventScroll: true });
    };
  }

  #drawn(target, skipped) {
    const key = target.id.slice("card-".length);
    if (this.#cards.get(key)?.element !== target) return;
    if (skipped) return this.#near.delete(key);
    this.#near.add(key);
    if (this.#behind.has(key)) this.#show(key, this.#behind.get(key));
  }

  #later() {
    if (this.#waits || !this.#behind.size) return;
    this.#waits = true;
    idle(() => this.#catchUp());
  }

  #catchUp() {
    this.#waits = false;
    const until = performance.now() + SLICE_MS;
    for (const [key, card] of this.#behind) {
      if (performance.now() > until) return this.#later();
      this.#show(key, card);
    }
  }

  /* What is not seen plays nothing. By key: as many as went may have come meanwhile. */
  #forget() {
    const [keys, seen] = [this.#list, this.#shown].map((some) => new Set(some.map(({ key }) => key)));
    for (const [key, card] of this.#cards) {
      if (!seen.has(key)) {
        card.close();
        this.#near.delete(key);
        this.#behind.delete(key);
      }
      if (keys.has(key)) continue;
      this.#cards.delete(key);
      this.#seen.delete(key);
    }
  }
}

const isSame = (some, others) => some.length === others.length && some.every(({ key }, n) => key === others[n].key);

/* What has words that change with the time. */
const goesOn = ({ task }, { clock }) => !task || !isFinished(task) || goesSoon(task, clock);
