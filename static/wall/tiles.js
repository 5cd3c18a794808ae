/* Owns all tiles of the wall, in their groups and rows, and what is pressed on them: by pointer, finger and key.
   Leaves which there are to found.js, one tile to tile.js.
   The danger is reach: the tab key comes to one tile of two thousand, and arrows go from there; a finger that rests on a
   tile selects it, and does not open it when it is lifted. */

import { arrange, element, setAttribute, setProperty, setText } from "../element.js";
import { shapeOf } from "../cards/phrases.js";
import { shares } from "./rows.js";
import { Tile } from "./tile.js";

const HELD_MS = 450;
const MOVED_PX = 10;
const NARROW_REM = 36;
const HEIGHT_REM = 9.5;
const LOW_REM = 5.5; // where it is narrow
const GAP_PX = 6;
const FULL = 0.9; // of the width: a group that fills less has another beside it

export class Tiles {
  #tiles = new Map(); // by id
  #groups = new Map(); // by key: {element, heading, list, ids}
  #shown = [];
  #current = null;
  #width = 0;
  #held = null;

  /** `does` has what is asked for: open(id), toggle(id), range(id), all(), pin(task, on). */
  constructor(words, does) {
    Object.assign(this, { words, does });
    this.element = element("div.wall-groups", {
      onclick: (event) => this.#clicked(event), onkeydown: (event) => this.#keyed(event), onpointerdown: (event) => this.#hold(event),
      onpointermove: (event) => this.#moved(event), onpointerup: () => this.#letGo(), onpointercancel: () => this.#letGo(),
      oncontextmenu: (event) => this.#held && event.preventDefault(),
    });
    this.element.addEventListener("focusin", ({ target }) => this.#makeCurrent(idOf(target)));
    new ResizeObserver(([{ contentRect }]) => this.#resized(contentRect.width)).observe(this.element);
  }

  /** Show these groups [{key, title, tasks}], with the `selected` ids; `scene` as tiles want it. */
  update(groups, scene, selected) {
    const shown = groups.flatMap(({ tasks }) => tasks);
    const focus = this.#focused(shown);
    for (const task of shown) this.#tile(task.task_id).update(task, scene, selected.has(task.task_id));
    const parts = groups.map((group) => this.#group(group));
    arrange(this.element, parts.map(({ element: part }) => part));
    this.#forget(shown, groups);
    this.#shown = shown.map(({ task_id: id }) => id);
    if (!this.#tiles.has(this.#current)) this.#makeCurrent(this.#shown[0] ?? null);
    focus?.();
  }

  /** The same tiles, of which some have changed, or others are selected. */
  refresh(tasks, scene, selected) {
    for (const task of tasks) this.#tiles.get(task.task_id)?.update(task, scene, selected.has(task.task_id));
  }

  /** Bring this video into view and give it the focus. */
  focus(id = this.#current) {
    const tile = this.#tiles.get(id);
    tile?.element.scrollIntoView({ block: "nearest" });
    tile?.open.focus({ preventScroll: true });
    return Boolean(tile);
  }

  /* A tile that has the focus keeps it wherever it comes to stand; where it goes, the one that comes to its place has it. */
  #focused(shown) {
    const focused = document.activeElement;
    const id = this.element.contains(focused) ? idOf(focused) : null;
    if (!id) return null;
    if (shown.some(({ task_id: each }) => each === id)) return () => focused.focus({ preventScroll: true });
    const at = Math.min(this.#shown.indexOf(id), shown.length - 1);
    return () => this.focus(shown[at]?.task_id);
  }

  #tile(id) {
    return this.#tiles.get(id) ?? this.#tiles.set(id, new Tile(id, this.words)).get(id);
  }

  #group({ key, title, tasks }) {
    const group = this.#groups.get(key) ?? this.#addGroup(key);
    setText(group.heading, title);
    setAttribute(group.heading, "hidden", !title);
    const ids = tasks.map(({ task_id: id }) => id);
    if (ids.length !== group.ids.length || ids.some((id, n) => id !== group.ids[n])) {
      group.ids = ids;
      arrange(group.list, ids.map((id) => this.#tiles.get(id).element));
      this.#pack(group);
    }
    return group;
  }

  #addGroup(key) {
    const heading = element("h3.wall-heading");
    const list = element("ul.wall-tiles", { role: "list" });
    const group = { element: element("section.wall-group", {}, heading, list), heading, list, ids: [] };
    this.#groups.set(key, group);
    return group;
  }

  #pack({ ids, element: part }) {
    if (!this.#width) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const narrow = this.#width < NARROW_REM * rem;
    const room = { width: this.#width, height: (narrow ? LOW_REM : HEIGHT_REM) * rem, gap: GAP_PX, ...(narrow && { least: 2, most: 3 }) };
    const shapes = ids.map((id) => this.#tiles.get(id).shape);
    const wide = shapes.reduce((sum, shape) => sum + shape * room.height, (ids.length - 1) * GAP_PX) / this.#width;
    const alone = narrow || wide > FULL;
    setProperty(part, "--part", alone ? 1 : wide.toFixed(5));
    setAttribute(part, "data-beside", !alone);
    const places = shares(shapes, alone ? room : { ...room, width: wide * this.#width });
    ids.forEach((id, n) => this.#tiles.get(id).place(places[n]));
  }

  #resized(width) {
    if (!width || Math.abs(width - this.#width) < 1) return;
    this.#width = width;
    setAttribute(this.element, "data-width", Math.round(width));
    for (const group of this.#groups.values()) this.#pack(group);
  }

  #forget(shown, groups) {
    const ids = new Set(shown.map(({ task_id: id }) => id));
    for (const id of this.#tiles.keys()) if (!ids.has(id)) this.#tiles.delete(id);
    const keys = new Set(groups.map(({ key }) => key));
    for (const key of this.#groups.keys()) if (!keys.has(key)) this.#groups.delete(key);
  }

  #makeCurrent(id) {
    if (id === this.#current) return;
    const [before, after] = [this.#tiles.get(this.#current), this.#tiles.get(id)];
    if (before) before.current = false;
    if (after) after.current = true;
    this.#current = id;
  }

  // What is pressed

  #clicked(event) {
    const id = idOf(event.target);
    if (!id) return;
    if (event.target.closest(".tile-pin")) return this.does.pin(id);
    const checks = event.target.matches(".tile-check");
    if (!checks && !event.target.closest(".tile-open")) return;
    if (this.#held?.done) return event.preventDefault(); // the finger that selected it is lifted
    if (event.shiftKey) this.does.range(id);
    else if (checks || event.ctrlKey || event.metaKey) this.does.toggle(id);
    else this.does.open(id);
    if (event.shiftKey) getSelection()?.removeAllRanges();
  }

  #hold({ target, pointerType, clientX: x, clientY: y }) {
    this.#letGo();
    const id = idOf(target);
    if (pointerType !== "touch" || !id || target.matches(".tile-check, .tile-pin")) return (this.#held = null);
    const rested = () => {
      this.#held.done = true;
      navigator.vibrate?.(10);
      this.does.toggle(id);
    };
    this.#held = { x, y, done: false, timer: setTimeout(rested, HELD_MS) };
  }

  #moved({ clientX: x, clientY: y }) {
    if (this.#held && Math.hypot(x - this.#held.x, y - this.#held.y) > MOVED_PX) this.#letGo();
  }

  #letGo() {
    clearTimeout(this.#held?.timer);
  }

  #keyed(event) {
    const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
    const id = idOf(target);
    if (!id || altKey) return;
    if ((ctrlKey || metaKey) && key.toLowerCase() === "a") this.does.all();
    else if (ctrlKey || metaKey) return;
    else {
      const to = this.#from(id, getComputedStyle(this.element).direction === "rtl" ? MIRRORED[key] ?? key : key);
      if (to === undefined) return;
      this.#go(to, target);
      if (shiftKey) this.does.range(to, id);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /* To the same part of the other tile. */
  #go(id, target) {
    const { element: tile, open, check, pin } = this.#tiles.get(id);
    tile.scrollIntoView({ block: "nearest" });
    const part = target.matches(".tile-check") ? check : target.matches(".tile-pin") ? pin : open;
    part.focus({ preventScroll: true });
  }

  /* Where a key leads from this tile; undefined for another key. */
  #from(id, key) {
    const shown = this.#shown;
    const at = shown.indexOf(id);
    const last = shown.length - 1;
    const steps = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
    if (key in steps) return shown[Math.min(last, Math.max(0, steps[key]))];
    if (key === "ArrowUp" || key === "ArrowDown") return this.#beyond(at, key === "ArrowUp" ? -1 : 1);
  }

  /* The nearest of the next row, or of the row before. */
  #beyond(at, step) {
    const box = (n) => this.#tiles.get(this.#shown[n]).element.getBoundingClientRect();
    const middle = ({ left, right }) => (left + right) / 2;
    const from = box(at);
    let found = at;
    let row = null;
    for (let n = at + step; this.#shown[n] !== undefined; n += step) {
      const { top, ...sides } = box(n).toJSON();
      if (Math.abs(top - from.top) < 2) continue;
      row ??= top;
      if (Math.abs(top - row) > 2) break;
      const nearer = found === at || Math.abs(middle(sides) - middle(from)) < Math.abs(middle(box(found)) - middle(from));
      if (nearer) found = n;
    }
    return this.#shown[found];
  }
}

const MIRRORED = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };

const idOf = (node) => node.closest?.(".tile")?.dataset.id ?? null;
