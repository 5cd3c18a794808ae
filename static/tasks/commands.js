/* Owns what a person can do to a picture: cancel, undo, try again, delete, clear, watch, make a link.
   Leaves the calls to api.js and the showing to the components.
   The danger is a deletion that cannot be taken back: nothing is deleted until its Undo has gone. */

import * as api from "../connection/api.js";
import { isFinished } from "./tasks.js";
import { explain, nameOf } from "../words/words.js";

const AT_ONCE = 3;
const PLACE_KEPT_MS = 40_000; // the server keeps a canceled place for 60 s, of which its answer may have taken 15

export class Commands {
  #aborted = new Map(); // drafts canceled while the server may already have accepted them
  #going = new Map(); // task ids to delete once their Undo has gone
  away = new Set(); // task ids not shown any more

  /** `page` has words, uploads, toasts, intake, learn(task), changed(), play(card, shown), links(task). */
  constructor(page) {
    this.page = page;
    addEventListener("pagehide", () => this.#deleteAll());
  }

  act = (action, card, shown) => {
    const commands = {
      cancel: () => this.#cancel(card),
      retry: () => this.#retry(card),
      again: () => this.#retry(card),
      delete: () => this.#delete(card),
      replace: () => this.#replace(card),
      play: () => this.page.play(card, shown),
      link: () => this.page.links(card.task),
    };
    return this.#told(commands[action]);
  };

  async #told(command) {
    try {
      await command();
    } catch (problem) {
      const { words, toasts } = this.page;
      if (!(problem instanceof api.Problem)) throw problem;
      toasts.show(problem.code === "offline" ? words.toasts.offline : explain(problem, words));
    }
  }

  async #cancel({ key, task, draft }) {
    if (!task) return this.#dropDraft(key, this.page.words.toasts.uploadCanceled(draft.name));
    const answer = await api.cancel(task.task_id);
    if (answer?.task_id) this.page.learn(answer);
    if (answer?.status === "canceled" && !answer.started_at) this.#offerUndo(answer);
    return undefined;
  }

  #offerUndo(task) {
    const { words, toasts } = this.page;
    const undo = () => this.#told(() => this.#retry({ task }));
    toasts.show(words.toasts.canceled(nameOf({ task }, words)), { undo, within: PLACE_KEPT_MS });
  }

  async #retry({ task }) {
    this.page.learn(await api.retry(task.task_id));
  }

  #dropDraft(key, text) {
    const { uploads, toasts } = this.page;
    const draft = uploads.cancel(key);
    this.#aborted.set(key, null);
    const undo = () => {
      const accepted = this.#aborted.get(key);
      this.#aborted.delete(key);
      if (accepted) return this.#told(() => this.#retry({ task: accepted }));
      return uploads.restore(draft);
    };
    toasts.show(text, { undo, gone: () => URL.revokeObjectURL(draft.localUrl) });
  }

  /** Other tasks are known now. Of a canceled upload that was accepted before it could be stopped, cancel the task. */
  arrived(tasks) {
    if (this.#aborted.size) for (const task of tasks.values()) this.#stop(task);
  }

  #stop(task) {
    if (!this.#aborted.has(task.client_id) || this.#aborted.get(task.client_id)) return;
    this.#aborted.set(task.client_id, task);
    if (!isFinished(task)) this.#told(async () => this.page.learn(await api.cancel(task.task_id)));
  }

  async #replace({ key }) {
    const { intake, uploads } = this.page;
    uploads.replace(key, await intake.askForOne());
  }

  #delete({ key, task, draft }) {
    const { words } = this.page;
    if (!task) return this.#dropDraft(key, words.toasts.deleted(draft.name));
    return this.#deleteLater([task], words.toasts.deleted(nameOf({ task }, words)));
  }

  /** Delete everything that has finished, after its Undo has gone. */
  clear(list) {
    const { words, uploads } = this.page;
    const tasks = list.map(({ task }) => task).filter((task) => task && isFinished(task));
    const refused = list.filter(({ task, draft }) => !task && draft.state === "refused");
    const drafts = refused.map(({ key }) => uploads.cancel(key));
    const restore = () => drafts.forEach((draft) => uploads.restore(draft));
    this.#deleteLater(tasks, words.toasts.cleared(tasks.length + drafts.length), restore);
  }

  #deleteLater(tasks, text, alsoUndo = () => {}) {
    const ids = tasks.map((task) => task.task_id);
    for (const id of ids) this.away.add(id);
    const undo = () => {
      for (const id of ids) this.away.delete(id);
      this.#going.delete(ids);
      alsoUndo();
      this.page.changed();
    };
    this.#going.set(ids, true);
    this.page.toasts.show(text, { undo, gone: () => this.#deleteNow(ids) });
    this.page.changed();
  }

  async #deleteNow(ids) {
    if (!this.#going.delete(ids)) return;
    const left = [...ids];
    const one = async () => {
      for (let id; (id = left.shift());) await this.#told(() => this.#deleteOne(id));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  async #deleteOne(id) {
    try {
      await api.remove(id);
    } catch (problem) {
      if (problem.code === "not_found") return;
      this.away.delete(id);
      this.page.changed();
      throw problem;
    }
  }

  /* The page goes: what was deleted is deleted now, in requests that outlive it. */
  #deleteAll() {
    for (const ids of [...this.#going.keys()]) {
      this.#going.delete(ids);
      for (const id of ids) api.remove(id).catch(() => {});
    }
  }
}
