/* Owns which keys of the page are commands, and when: never while somebody writes, never with a modifier (but for the
   undo that everything has), and no single key once they are turned off. Leaves what each does to commands.js, which
   is loaded at the first.
   The danger is a key that does something where it is meant for something else: what has an own use of keys keeps it. */

import { element } from "../element.js";
import { keep, kept } from "../kept.js";

const COMMANDS = {
  "?": "help", "/": "search", " ": "play", c: "cancel", z: "undo",
  ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right",
};
const WRITES = "input, textarea, select, video, audio, [contenteditable]";
const PRESSED = "a, button, summary";
const LISTENS = "dialog[open], [aria-modal=true]"; // what lies over the page has keys of its own
const ONCE = new Set(["help", "search", "play", "cancel", "undo"]); // however long a key is held
const ENTER = new Set(["left", "right"]); // from anywhere: up and down scroll, until one is among the pictures

/** The cards and tiles that the keyboard goes between. */
export const ITEMS = ".card, .tile";
const PLACES = `${ITEMS}, #pictures`;

/** The card or tile that has the focus, or in which it is; null where it is elsewhere. */
export const current = () => document.activeElement?.closest(ITEMS) ?? null;

export class Keys {
  #on = kept("keys") !== "off";

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.element = element("button.quiet.keys-open", { type: "button", onclick: () => this.#obey("help") }, words.page.keys);
    addEventListener("keydown", (event) => this.#pressed(event));
  }

  update(state) {
    this.state = state;
  }

  /** Whether single keys are commands; the browser remembers what is set here. */
  get on() {
    return this.#on;
  }

  set on(on) {
    this.#on = on;
    keep("keys", on ? "on" : "off");
  }

  #pressed(event) {
    const command = this.#meant(event);
    if (!command) return;
    event.preventDefault();
    this.#obey(command);
  }

  #meant(event) {
    const { target, key, repeat } = event;
    if (event.defaultPrevented || event.isComposing || target.closest?.(WRITES) || document.querySelector(LISTENS)) return null;
    if (isUndo(event)) return repeat || !canUndo(this.state) ? null : "undo";
    if (event.ctrlKey || event.altKey || event.metaKey || !this.#on) return null;
    const command = COMMANDS[key.length === 1 && !event.shiftKey ? key.toLowerCase() : key];
    if (!command || (repeat && ONCE.has(command))) return null;
    return this.#fits(command, target) ? command : null;
  }

  #fits(command, target) {
    if (command === "play") return current() && !target.closest?.(PRESSED);
    if (command === "cancel") return current();
    if (command in { up: 1, down: 1 }) return target.closest?.(PLACES);
    if (ENTER.has(command)) return target === document.body || target.closest?.(PLACES);
    return true;
  }

  async #obey(command) {
    try {
      const { obey } = await import("./commands.js");
      await obey(command, this);
    } catch (error) {
      this.tell("notice", { kind: "not_loaded" });
      throw error;
    }
  }
}

const isUndo = ({ key, ctrlKey, metaKey, altKey, shiftKey }) =>
  key.toLowerCase() === "z" && ctrlKey !== metaKey && !altKey && !shiftKey;

const canUndo = ({ graces, notices }) => graces.size > 0 || notices.some(({ undo }) => undo);
