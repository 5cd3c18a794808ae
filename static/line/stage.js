/* Owns the video that is watched below the head of the page while it is still being made, and after.
   Leaves playing to player.js. Loaded when somebody wants to watch there. */

import { element, icon, setHidden, setProperty, setText } from "../element.js";
import { isFinished } from "../tasks/tasks.js";
import { nameOf } from "../words/words.js";

const CROSS = "M6 6l12 12M18 6L6 18";

export class Stage {
  #player = null;
  #task = null;

  /** `closed()` is called with whether the focus was in it when it is closed. */
  constructor(words, closed) {
    Object.assign(this, { words, closed });
    this.name = element("p", { dir: "auto" });
    const close = { type: "button", "aria-label": words.now.close, onclick: () => this.close() };
    const head = element("div.now-name", {}, this.name, element("button.close", close, icon(CROSS)));
    const onkeydown = ({ key }) => key === "Escape" && this.close();
    this.element = element("div.now-stage", { hidden: true, onkeydown }, head);
  }

  /** The id of the task whose video is shown here, if any. */
  get shown() {
    return this.#player && this.#task.task_id;
  }

  /** Put the player that `make` makes here, for this task. */
  show(task, make) {
    this.close();
    this.#task = task;
    this.#player = make();
    const { width = 4, height = 3 } = task.image ?? {};
    setText(this.name, nameOf({ task }, this.words));
    setProperty(this.element, "--shape", `${width} / ${height}`);
    this.element.append(this.#player.element);
    setHidden(this.element, false);
    this.#player.focus();
  }

  /** What is watched plays on when it is done, and while the next one is being made; not when it came to nothing. */
  update(tasks) {
    if (!this.#player) return;
    const task = tasks.get(this.#task.task_id);
    if (!task || task.trashed_at || (isFinished(task) && task.status !== "succeeded")) this.close();
    else this.#player.grown(task.status === "succeeded" ? Infinity : task.watchable?.segments ?? 0);
  }

  /** Safe to call twice. */
  close() {
    if (!this.#player) return;
    const focused = this.element.contains(document.activeElement);
    this.#player.close();
    this.#player = null;
    setHidden(this.element, true);
    this.closed(focused);
  }
}
