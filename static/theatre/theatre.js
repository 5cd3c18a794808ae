/* Owns the theatre: a dialog that fills the window with one video, from which one goes on to the next.
   Leaves playing to player.js, how it plays to tools.js, the picture over it to compare.js, keys and fingers to ways.js.
   The danger is a player that goes on unseen: whatever ends or leaves a video closes its player. */

import { status } from "../connection/api.js";
import { element, icon, setHidden, setProperty, setText } from "../element.js";
import { posterUrl } from "../cards/phrases.js";
import { isFinished } from "../tasks/tasks.js";
import { Player } from "../watching/player.js";
import { nameOf } from "../words/words.js";
import { Compare } from "./compare.js";
import { Tools } from "./tools.js";
import { Back, Keys, Swipes } from "./ways.js";

const CROSS = "M6 6l12 12M18 6L6 18";
const BEFORE = "M15 5l-7 7 7 7";
const AFTER = "M9 5l7 7-7 7";

export class Theatre {
  #ids = [];
  #id = null; // of the video that is shown; null while the theatre is closed
  #tasks = new Map(); // all that is known, as of the last update
  #asked = new Map(); // tasks that nobody else on this page knows
  #player = null;
  #back = new Back(() => this.element.close());

  constructor(words, socket) {
    Object.assign(this, { words, socket });
    this.#build();
  }

  #build() {
    const { words } = this;
    const button = (kind, path, label, onclick) =>
      element(`button.theatre-${kind}`, { type: "button", "aria-label": label, onclick }, icon(path));
    this.title = element("h2", { id: "theatre-title", dir: "auto", "aria-live": "polite" });
    this.count = element("p.theatre-count");
    this.close = button("close", CROSS, words.actions.close, () => this.element.close());
    this.compare = new Compare(words.theatre);
    this.ended = element("p.player-message", { role: "status" });
    this.frame = element("div.theatre-frame", {}, this.ended, this.compare.element);
    this.steps = [button("before", BEFORE, words.theatre.previous, () => this.#step(-1)), button("after", AFTER, words.theatre.next, () => this.#step(1))];
    const stage = element("div.theatre-stage", {}, this.frame, ...this.steps);
    this.prompt = element("p.theatre-prompt", { dir: "auto", tabindex: 0, role: "group", "aria-label": words.theatre.prompt });
    this.room = element("div.theatre-room");
    this.tools = new Tools(words, this.room, this.compare);
    this.room.append(element("div.theatre-head", {}, this.title, this.count, this.close), stage,
      element("div.theatre-foot", {}, this.prompt, this.tools.element));
    this.element = element("dialog.theatre", { "aria-labelledby": "theatre-title", onclose: () => this.#leave() }, this.room);
    new Keys(this.element, { step: (by) => this.#step(by), pause: () => this.tools.pause() });
    new Swipes(stage, (by) => this.#step(by));
  }

  /** Show this video; the others follow and precede it in the order of `ids`. */
  open(id, ids, state) {
    if (!this.element.open) {
      this.element.showModal(); // whose end gives the focus back
      this.#back.begin();
    }
    this.#tasks = state.tasks;
    this.#ids = ids.includes(id) ? [...ids] : [id];
    this.#show(id);
    this.#player.focus();
  }

  /** What has gone meanwhile is shown no more; what is still being made goes on, or has ended. */
  update({ tasks }) {
    if (this.#id === null || tasks === this.#tasks) return;
    const before = this.#tasks;
    this.#tasks = tasks;
    const stays = (id) => canBeWatched(tasks.get(id)) || (id === this.#id && wasNotFinished(tasks.get(id)));
    const left = this.#ids.filter((id) => tasks.has(id) ? stays(id) : !before.has(id));
    const next = this.#ids.slice(this.#ids.indexOf(this.#id)).find((id) => left.includes(id)) ?? left.at(-1);
    this.#ids = left;
    if (next === undefined) this.element.close();
    else if (next !== this.#id) this.#show(next);
    else this.#tell();
  }

  #step(by) {
    const { length } = this.#ids;
    if (length > 1) this.#show(this.#ids[(this.#ids.indexOf(this.#id) + by + length) % length]);
  }

  #show(id) {
    const focused = this.frame.contains(document.activeElement);
    this.#stop();
    this.#id = id;
    setText(this.ended, "");
    const task = this.#task;
    const [poster, label] = [posterUrl(task.image ?? {}), nameOf({ task }, this.words)];
    const { socket, words } = this;
    this.#player = new Player({ taskId: id, poster, label, socket, words, onUnable: () => this.tools.unable() });
    this.frame.prepend(this.#player.element);
    this.tools.take(this.#player.video);
    this.compare.take(this.#player.video, task);
    this.#player.video.addEventListener("loadedmetadata", ({ target }) => this.#shape(target.videoWidth, target.videoHeight));
    this.#tell();
    if (focused) this.#player.focus();
    if (!this.#tasks.has(id) && !this.#asked.has(id)) this.#ask(id);
  }

  /* What a video is called, and what was wished for, where this page has not heard of it. */
  async #ask(id) {
    this.#asked.set(id, await status(id).catch(() => ({})));
    if (this.#id !== id) return;
    this.compare.take(this.#player.video, this.#task);
    this.#tell();
  }

  get #task() {
    return this.#tasks.get(this.#id) ?? this.#asked.get(this.#id) ?? {};
  }

  #tell() {
    const task = this.#task;
    const { words } = this;
    const { prompt } = task.parameters ?? {};
    const several = this.#ids.length > 1;
    setText(this.title, nameOf({ task }, words));
    setText(this.count, several ? words.theatre.place(words.number(this.#ids.indexOf(this.#id) + 1), words.number(this.#ids.length)) : "");
    setText(this.prompt, typeof prompt === "string" ? prompt : "");
    setHidden(this.prompt, !this.prompt.textContent);
    for (const step of this.steps) setHidden(step, !several);
    const { width, height } = task.video ?? task.image ?? {};
    if (!this.#player) return;
    if (!this.#player.video.videoWidth) this.#shape(width, height);
    if (wasNotFinished(task)) this.#cut();
    else if (task.status) this.#player.grown(task.status === "succeeded" ? Infinity : task.watchable?.segments ?? 0);
  }

  /* The run came to nothing, and what was seen of it is no video: that is said in its place. */
  #cut() {
    const focused = this.frame.contains(document.activeElement);
    this.tools.unable();
    this.#stop();
    setText(this.ended, this.words.problems.view_ended);
    if (focused) this.close.focus();
  }

  #shape(width, height) {
    if (width) setProperty(this.frame, "--shape", width / height);
  }

  #stop() {
    this.compare.end();
    this.#player?.close();
    this.#player = null;
  }

  #leave() {
    this.#stop();
    if (document.fullscreenElement === this.room) document.exitFullscreen().catch(() => {});
    this.#id = null;
    this.#asked.clear();
    this.#back.end();
  }
}

/* Of what has been watched while it was being made. */
const wasNotFinished = ({ status, trashed_at: trashed, watchable }) => Boolean(status) && status !== "succeeded" && !trashed && !watchable;

const canBeWatched = (task) => !task.trashed_at && (isFinished(task) ? Boolean(task.video_url) : Boolean(task.watchable));
