/* Owns the head of the page: what of one's own is being made, in sight wherever one has scrolled, and its video while it
   grows. Leaves the sentences to headlines.js, and watching there to stage.js.
   The danger is a head that covers what one is at: it is always as high, and only a video that somebody asked for hangs
   below it. */

import { element, icon, setAttribute, setHidden, setProperty, setText, styled } from "../element.js";
import { percentOf } from "../tasks/tasks.js";
import { nameOf } from "../words/words.js";
import { nowSays } from "./headlines.js";

const PLAY = "M8 5v14l11-7z";
const CAN_PLAY = Boolean(globalThis.MediaSource ?? globalThis.ManagedMediaSource);

export class Now {
  #task = null; // what is being made, or else the first that waits
  #stage = null; // once somebody has wanted to watch here
  #unable = false;
  #pieces = [];
  #lengths = "";

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.still = element("img.now-still", { alt: "", decoding: "async", onerror: () => setHidden(this.still, true) });
    this.play = element("button.now-play", { type: "button", hidden: true, onclick: () => this.#play() }, icon(PLAY));
    this.said = element("span.pieces");
    this.says = element("button.now-says", { type: "button", onclick: () => this.#show() }, this.said);
    this.media = element("div.now-media", { hidden: true }, this.still, this.play);
    this.bar = element("i.now-bar", { hidden: true });
    // How the model is: beneath, or alone for who has scrolled down. Two, so that nothing that is seen ever moves.
    this.standings = [0, 1].map(() => element("p.standing", { "aria-hidden": "true" }));
    const [beneath, alone] = this.standings;
    this.element = element("div.now", {}, this.media, element("div.now-words", {}, this.says, beneath), alone, this.bar);
  }

  /** Show how this round of one's own pictures stands, null where there is none, and how the `model` does. */
  update(state, round, model) {
    const pieces = nowSays(state, round);
    this.#task = pieces.length ? round.first : null;
    setAttribute(document.documentElement, "data-now", pieces.length > 0);
    setHidden(this.says, !pieces.length);
    this.standings.forEach((standing, alone) => {
      setText(standing, model.text);
      setAttribute(standing, "data-state", model.state);
      setHidden(standing, pieces.length > 0 === Boolean(alone));
    });
    this.#say(pieces);
    this.#updateMedia(this.#task);
    this.#updateBar(round?.now && this.#task);
    this.#stage?.update(state.tasks);
  }

  /* Anew where one of them becomes longer: then nothing moves that is there. */
  #say(pieces) {
    const lengths = pieces.slice(0, -1).map(({ length }) => length).join(" ");
    if (pieces.length !== this.#pieces.length || lengths !== this.#lengths) {
      this.#lengths = lengths;
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
    setHidden(this.play, !task.watchable || !CAN_PLAY || this.#unable || this.#stage?.shown === task.task_id);
  }

  #updateBar(task) {
    setHidden(this.bar, !task);
    if (!task) return;
    const percent = percentOf(task);
    setAttribute(this.bar, "data-busy", percent === null);
    setProperty(this.bar, "--part", (percent ?? 0) / 100);
  }

  #show() {
    if (this.#task) this.tell("show", { id: this.#task.task_id });
  }

  async #play() {
    const task = this.#task;
    try {
      const [{ Stage }] = await Promise.all([import("./stage.js"), styled("look/stage.css")]);
      if (!this.#stage) this.element.append((this.#stage = new Stage(this.words, (focused) => this.#closed(focused))).element);
    } catch {
      return this.tell("notice", { kind: "not_loaded" });
    }
    this.tell("play", { card: { task, draft: null }, shown: { show: (make) => this.#showing(task, make), unable: () => this.#cannot() } });
  }

  #showing(task, make) {
    this.#stage.show(task, make);
    setHidden(this.play, true);
  }

  /* This browser cannot play what is still being made: its stills tell of it, then. */
  #cannot() {
    this.#unable = true;
    this.#stage.close();
  }

  #closed(focused) {
    if (focused && !this.says.hidden) this.says.focus({ preventScroll: true });
  }
}
