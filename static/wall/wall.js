/* Owns the wall: all finished videos as a dense grid, how they are looked through, and which are selected.
   Leaves which there are to found.js and listing.js, the tiles to tiles.js, watching to the theatre.
   The danger is two thousand tiles: while nothing that they show has changed, none is touched. */

import { dayOf, grouped, GROUPS, today } from "./groups.js";
import { EVERYTHING, found, SORTS } from "./found.js";
import { all, NONE, ranged, stillShown, toggled } from "./selection.js";
import { element, setAttribute, setHidden } from "../element.js";
import { goesSoon } from "../cards/phrases.js";
import { keep, kept } from "../kept.js";
import { partsOf } from "../tasks/tasks.js";
import { Bar } from "./bar.js";
import { Head } from "./head.js";
import { Listing } from "./listing.js";
import { Tiles } from "./tiles.js";

const AT_ONCE = 150; // tiles that come to stand here, as far as somebody looks

export class Wall {
  #shown = []; // tasks, in the order of the page
  #last = {};
  #near = false; // the end of what stands here is nearly in sight
  #most = AT_ONCE;
  #wantsSearch = false;
  #state = null;

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.listing = new Listing(tell);
    const select = (id) => this.#select(id);
    const does = {
      open: (id) => (this.#selecting() ? select(id) : tell("theatre", { id, ids: this.#ids() })),
      toggle: select, range: (id, from) => this.#range(id, from), all: () => this.#choose({ selection: all(this.#ids()) }),
      pin: (id) => this.#pin(id), end: () => this.#end(),
    };
    this.tiles = new Tiles(words, does);
    this.bar = new Bar(words, tell, does);
    this.head = new Head(words, {
      look: (changes, typed) => this.#look(changes, typed), group: (group) => this.#choose({ group }),
      select: () => (this.#selecting() ? this.#end() : this.#choose({ selecting: true })),
    });
    this.foot = element("p.older", { hidden: true }, words.wall.looking);
    this.element = element("div.wall", {}, ...this.head.elements, this.tiles.element, this.foot, this.bar.element);
    const comesNear = ([{ isIntersecting }]) => {
      this.#near = isIntersecting;
      this.#more();
    };
    this.near = new IntersectionObserver(comesNear, { rootMargin: "1200px" });
    document.addEventListener("keydown", (event) => this.#escaped(event));
  }

  /** Look for all videos, as they were looked through last. */
  begin() {
    const [sort, group] = kept("wall").split(" ");
    const wall = {
      ...EVERYTHING, sort: SORTS.includes(sort) ? sort : SORTS[0], group: GROUPS.includes(group) ? group : GROUPS[0],
      selection: NONE, selecting: false, reached: null, next: "",
    };
    this.tell("wall", { wall });
    this.listing.begin(wall);
  }

  follow({ event, before, after }) {
    this.#state = after;
    if (event === "search") this.#wantsSearch = true;
    if (event === "show_videos" && after.wall?.search) this.#look({ search: "" });
    if (before.snapshots && after.snapshots !== before.snapshots && after.wall) this.listing.refresh(after.wall);
    if (event === "tick") this.#more(); // where an answer did not come, or had little
    if (before.filter === "videos" && after.filter !== "videos" && this.#selecting()) {
      this.#end();
      this.bar.hide();
    }
  }

  /** Show the videos that there are now. */
  update(state) {
    this.#state = state;
    if (state.filter !== "videos" || !state.wall) return;
    const { wall } = state;
    if (this.#isOther(state)) this.#show(state);
    this.#updateHead(state);
    const selection = wall.selection.ids.size ? stillShown(wall.selection, this.#ids()) : wall.selection;
    if (selection !== wall.selection) this.tell("wall", { wall: { selection, selecting: wall.selecting && selection.ids.size > 0 } });
    const hadFocus = this.bar.element.contains(document.activeElement);
    this.bar.update(this.#shown, selection, this.#selecting(), state);
    if (hadFocus && this.bar.element.hidden) this.tiles.focus() || this.head.search.focus();
    this.#bringUp(state);
    this.#last = state;
  }

  /* Of what the tiles show: the seconds count only where something goes soon. */
  #isOther({ tasks, wall, filter, ticks, clock }) {
    const last = this.#last;
    const looked = ["search", "sort", "group", "reached", "selection"].some((name) => wall[name] !== last.wall?.[name]);
    const counts = ticks !== last.ticks && (this.today !== today(clock) || this.#shown.some((task) => goesSoon(task, clock)));
    return looked || partsOf(tasks).over !== this.#over || filter !== last.filter || counts;
  }

  #show(state) {
    const { tasks, wall, clock } = state;
    this.#over = partsOf(tasks).over;
    const now = found(tasks, wall, wall.reached);
    const others = now.filter((task, n) => task !== this.#list[n]);
    const same = isSame(now, this.#list);
    this.#list = now;
    if (same && wall.group === this.#last.wall?.group && this.today === today(clock)) return this.#refresh(others, state);
    this.today = today(clock);
    this.#groups = grouped(now, wall.group, wall.sort, clock).map((group) => ({ ...group, title: this.#title(group, wall, clock) }));
    this.#shown = this.#groups.flatMap((group) => group.tasks);
    this.#place(state);
  }

  /* The same tiles at the same places: some have changed, others are selected, or go soon. */
  #refresh(changed, state) {
    const newer = new Map(changed.map((task) => [task.task_id, task]));
    const now = (task) => newer.get(task.task_id) ?? task;
    if (changed.length) {
      this.#shown = this.#shown.map(now);
      this.#groups = this.#groups.map((group) => ({ ...group, tasks: group.tasks.map(now) }));
    }
    const selects = state.wall.selection !== this.#last.wall?.selection;
    const ticked = state.ticks !== this.#last.ticks;
    const counts = (task) => newer.has(task.task_id) || (ticked && goesSoon(task, state.clock));
    this.tiles.refresh(selects ? this.#shown : this.#shown.filter(counts), state, state.wall.selection.ids);
  }

  #place(state) {
    let left = this.#most;
    const groups = [];
    for (const group of this.#groups) {
      if (left > 0) groups.push({ ...group, tasks: group.tasks.slice(0, left) });
      left -= group.tasks.length;
    }
    this.tiles.update(groups, state, state.wall.selection.ids);
  }

  #list = [];
  #over = null; // of the tasks, those that it was made of
  #groups = [];

  #title({ batch, at, tasks }, { group }, clock) {
    const { wall } = this.words;
    if (group === "none") return "";
    if (batch) return wall.together(tasks.length, this.words.dated(clock.local(at)));
    const day = this.#day(at, clock);
    return group === "batch" ? wall.alone(day) : day;
  }

  #day(at, clock) {
    const { wall } = this.words;
    const day = dayOf(at, clock);
    if (day === this.today) return wall.today;
    if (day === today(clock, 1)) return wall.yesterday;
    return this.words.day(clock.local(at));
  }

  #updateHead(state) {
    const looking = state.wall.next !== null;
    this.head.update(state, { count: this.#shown.length, looking, selecting: this.#selecting() });
    setHidden(this.foot, !looking && this.#most >= this.#shown.length);
    setAttribute(this.element, "data-selecting", this.#selecting());
    if (state.wall.next !== this.#last.wall?.next) this.#observeAnew();
  }

  /* An observer tells of a crossing once; observing anew tells whether the end is still near. */
  #observeAnew() {
    this.near.unobserve(this.foot);
    this.near.observe(this.foot);
  }

  /* Once all parts of the page have shown what they have to. */
  #bringUp({ broughtUp }) {
    if (this.#wantsSearch) {
      this.#wantsSearch = false;
      queueMicrotask(() => this.head.search.select());
    } else if (broughtUp?.folded && broughtUp !== this.#last.broughtUp) { // what is to be seen here, and no card
      const at = this.#ids().indexOf(broughtUp.id);
      this.#most = Math.max(this.#most, at + 1);
      this.#place(this.#state);
      queueMicrotask(() => this.tiles.focus(broughtUp.id));
    }
  }

  // How they are looked through

  #look(changes, typed = false) {
    this.#most = AT_ONCE;
    this.#choose(changes);
    this.listing.begin({ ...this.#state.wall, ...changes }, typed); // what is told while others follow comes later
  }

  #choose(wall) {
    this.tell("wall", { wall });
    const { sort, group } = this.#state.wall;
    keep("wall", `${sort} ${group}`);
  }

  #more() {
    if (!this.#near || !this.#state?.wall) return;
    if (this.#most < this.#shown.length) {
      this.#most += AT_ONCE;
      this.#place(this.#state);
      this.#updateHead(this.#state);
      this.#observeAnew();
    } else if (this.#state.live && this.#state.wall.next !== null) this.listing.more(this.#state.wall);
  }

  // Which are selected

  #ids() {
    return this.#shown.map(({ task_id: id }) => id);
  }

  #selecting() {
    const { wall } = this.#state ?? {};
    return Boolean(wall) && (wall.selecting || wall.selection.ids.size > 0);
  }

  #select(id) {
    this.#choose({ selection: toggled(this.#state.wall.selection, id) });
  }

  #range(id, from = id) {
    const { selection } = this.#state.wall;
    const anchored = selection.anchor ? selection : { ...selection, anchor: from };
    this.#choose({ selection: ranged(anchored, id, this.#ids()) });
  }

  #pin(id) {
    const task = this.#state.tasks.get(id);
    this.tell(task.pinned ? "unpin" : "pin", { card: { key: id, task, draft: null } });
  }

  #end() {
    this.#choose({ selection: NONE, selecting: false });
  }

  #escaped(event) {
    if (event.key !== "Escape" || event.defaultPrevented || !this.#selecting() || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.#end();
  }
}

const isSame = (some, others) => some.length === others.length && some.every(({ task_id: id }, n) => id === others[n].task_id);
