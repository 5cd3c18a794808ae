/* Owns the head of the page: what of one's own is being made, in sight wherever one has scrolled, and its video while it
   grows. Leaves the sentences to headlines.js, and playing to player.js.
   The danger is a head that covers what one is at: it is always as high, and only a video that somebody asked for hangs
   below it. */

import { element, icon, setAttribute, setHidden, setProperty, setText } from "../element.js";
import { isFinished, percentOf } from "../tasks/tasks.js";
import { nameOf } from "../words/words.js";
import { nowSays } from "./headlines.js";

const PLAY = "M8 5v14l11-7z";
const CROSS = "M6 6l12 12M18 6L6 18";
const CAN_PLAY = Boolean(globalThis.MediaSource ?? globalThis.ManagedMediaSource);

export class Now {
  #task = null; // what is being made, or else the first that waits
  #watched = null; // the task whose video hangs below
  #player = null;
  #unable = false;
  #pieces = [];

  /** `standing` is how the model is, which stands beneath. */
  constructor(words, standing, tell) {
    Object.assign(this, { words, tell });
    this.still = element("img.now-still", { alt: "", decoding: "async", onerror: () => setHidden(this.still, true) });
    this.play = element("button.now-play", { type: "button", hidden: true, onclick: () => this.#play() }, icon(PLAY));
    this.said = element("span.pieces");
    this.says = element("button.now-says", { type: "button", onclick: () => this.#show() }, this.said);
    this.media = element("div.now-media", { hidden: true }, this.still, this.play);
    this.bar = element("i.now-bar", { hidden: true });
    this.name = element("p");
    const close = { type: "button", "aria-label": words.now.close, onclick: () => this.#close() };
    this.stage = element("div.now-stage", { hidden: true }, element("div.now-name", {}, this.name, element("button.close", close, icon(CROSS))));
    this.element = element("div.now", {}, this.media, element("div.now-words", {}, this.says, standing), this.bar, this.stage);
  }

  /** Show how this round of one's own pictures stands; null where there is none. */
  update(state, round) {
    const pieces = nowSays(state, round);
    this.#task = pieces.length ? round.now ?? round.open[0] : null;
    setAttribute(document.documentElement, "data-now", pieces.length > 0);
    setHidden(this.says, !pieces.length);
    this.#say(pieces);
    this.#updateMedia(this.#task);
    this.#updateBar(round?.now && this.#task);
    this.#updateStage(state.tasks);
  }

  #say(pieces) {
    if (pieces.length !== this.#pieces.length) {
      this.#pieces = pieces.map(() => element("span"));
      this.said.replaceChildren(...this.#pieces.flatMap((said, n) => [n ? " " : "", element("span", {}, n ? element("i", {}, "·") : "", " ", said)]));
    }
    this.#pieces.forEach((piece, index) => setText(piece, pieces[index]));
  }

  #updateMedia(task) {
    setHidden(this.media, !task);
    if (!task) return;
    const name = nameOf({ task }, this.words);
    const still = task.preview?.url ?? task.image?.thumbnail_url ?? null;
    if (this.still.getAttribute("src") !== still) {
      setAttribute(this.still, "src", still);
      setHidden(this.still, !still);
    }
    setAttribute(this.says, "title", this.words.now.show(name));
    setAttribute(this.play, "aria-label", this.words.actions.of(this.words.actions.play, name));
    setHidden(this.play, !task.watchable || !CAN_PLAY || this.#unable || this.#watched === task.task_id);
  }

  #updateBar(task) {
    setHidden(this.bar, !task);
    if (!task) return;
    const percent = percentOf(task);
    setAttribute(this.bar, "data-busy", percent === null);
    setProperty(this.bar, "--part", (percent ?? 0) / 100);
  }

  /* What is watched plays on when it is done, and while the next one is being made; not when it came to nothing. */
  #updateStage(tasks) {
    if (!this.#player) return;
    const task = tasks.get(this.#watched);
    if (!task || task.trashed_at || (isFinished(task) && task.status !== "succeeded")) this.#close();
    else this.#player.grown(task.status === "succeeded" ? Infinity : task.watchable?.segments ?? 0);
  }

  #show() {
    if (this.#task) this.tell("show", { id: this.#task.task_id });
  }

  #play() {
    this.#close();
    this.tell("play", { card: { task: this.#task, draft: null }, shown: this });
  }

  /** Hang the player that `make` makes below the head. */
  show(make) {
    if (!this.#task || this.#player) return;
    this.#watched = this.#task.task_id;
    this.#player = make();
    const { width = 4, height = 3 } = this.#task.image ?? {};
    setText(this.name, nameOf({ task: this.#task }, this.words));
    setProperty(this.stage, "--shape", `${width} / ${height}`);
    this.stage.append(this.#player.element);
    setHidden(this.stage, false);
    setHidden(this.play, true);
    this.#player.focus();
  }

  /** This browser cannot play what is still being made: its stills tell of it, then. */
  unable() {
    this.#unable = true;
    this.#close();
  }

  #close() {
    const focused = this.stage.contains(document.activeElement);
    this.#player?.close();
    this.#player = this.#watched = null;
    setHidden(this.stage, true);
    if (focused && !this.says.hidden) this.says.focus({ preventScroll: true });
  }
}
