/* Owns what a key does: what a button of the same card does, by pressing it, so that nothing can be done by keys alone.
   Leaves when to keys.js. Loaded at the first key that means something. */

import { styled } from "../element.js";
import { current } from "./keys.js";
import { go } from "./places.js";

const DO = {
  up: () => go("up"), down: () => go("down"), left: () => go("left"), right: () => go("right"),
  help, search: ({ tell }) => tell("search"), play, cancel: () => press("[data-action=cancel]"), undo,
};

/** Do what this command of keys.js says. */
export const obey = (command, keys) => DO[command](keys);

/* A button of the card or tile that has the focus, if it can be seen there or the row is only folded. */
function press(selector) {
  const button = current()?.querySelector(selector);
  if (button && !button.hidden && !button.disabled) button.click();
}

/* What plays already goes on or pauses. */
function play() {
  const item = current();
  const video = item?.querySelector("video");
  if (!video) return item?.matches("button, a") ? item.click() : press(".card-play, [data-action=play]");
  if (video.paused) video.play().catch(() => {}); // its own controls say why
  else video.pause();
}

/* The newest that can be taken back: a cancel that has not been sent yet, else what a notice offers. */
function undo({ state, tell }) {
  const task = state.tasks.get([...state.graces.keys()].at(-1));
  const notice = state.notices.findLast(({ undo: can }) => can);
  if (task) tell("keep", { card: { task } });
  else if (notice) tell("undo", { notice });
}


let dialog = null;

async function help(keys) {
  const parts = [import("./dialog.js"), keys.words.room("keys"), styled("look/dialogs.css"), styled("keys/keys.css")];
  const [{ KeysDialog }] = await Promise.all(parts);
  if (!dialog) document.body.append((dialog = new KeysDialog(keys)).element);
  dialog.open();
}
