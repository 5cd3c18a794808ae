/* Owns asking the server for what a person wants of a task: cancel, try again, delete, show older ones.
   Leaves the calls to api.js, and what is known afterwards to state.js.
   The danger is a deletion that cannot be taken back: nothing is deleted until its notice has gone. */

import * as api from "../connection/api.js";
import { isFinished } from "./tasks.js";

const AT_ONCE = 3;
const PLACE_KEPT_MS = 40_000; // the server keeps a canceled place for 60 s, of which its answer may have taken 15

export class Commands {
  #asked = {
    cancel: ({ data: { card } }) => card.task && this.#cancel(card.task),
    retry: ({ data: { card } }) => this.#retry(card.task),
    again: ({ data: { card } }) => this.#retry(card.task),
    undo: ({ data: { notice }, before }) => before.notices.includes(notice) && this.#takeBack(notice, before.aborted),
    lost: () => this.#whyLost(),
  };

  constructor(tell) {
    this.tell = tell;
  }

  follow(happened) {
    const { event, before, after } = happened;
    if (Object.hasOwn(this.#asked, event)) this.#try(() => this.#asked[event](happened));
    if (after.listing && !before.listing) this.#list(after.next);
    if (after.aborted !== before.aborted) this.#stopCaught(before.aborted, after.aborted);
    if (after.notices !== before.notices && event !== "undo") this.#deleteGone(happened);
  }

  async #try(what) {
    try {
      await what();
    } catch (problem) {
      if (!(problem instanceof api.Problem)) throw problem;
      this.tell("notice", { kind: "problem", problem });
    }
  }

  async #cancel(task) {
    const canceled = await this.#stop(task);
    const undo = canceled?.status === "canceled" && !canceled.started_at;
    if (undo) this.tell("notice", { kind: "canceled", task: canceled, undo, within: PLACE_KEPT_MS });
  }

  async #stop({ task_id: id }) {
    const task = await api.cancel(id);
    if (task?.task_id) this.tell("task_status", task);
    return task;
  }

  async #retry({ task_id: id }) {
    this.tell("task_status", await api.retry(id));
  }

  /* Of a canceled task, and of an upload that was accepted all the same, only a new task can be made. */
  #takeBack({ task, drafts: [draft] = [] }, aborted) {
    const canceled = task ?? aborted.get(draft?.key);
    return canceled && this.#retry(canceled);
  }

  /* The tasks of uploads that had been canceled are known only now. */
  #stopCaught(before, after) {
    for (const [key, task] of after) if (task && !before.get(key) && !isFinished(task)) this.#try(() => this.#stop(task));
  }

  /* A token may be why there is no connection, or a server on the way, which the socket cannot tell. */
  async #whyLost() {
    const problem = await api.queue().then(() => null, (refused) => refused);
    if (problem) this.tell("unanswered", { problem });
  }

  async #list(before) {
    try {
      this.tell("listed", await this.#page(before));
    } catch (problem) {
      this.tell("not_listed"); // the next scroll asks again
      if (problem.code === "on_the_way") this.tell("notice", { kind: "problem", problem });
    }
  }

  /* From the newest again where the task that the list goes on before was deleted meanwhile. */
  async #page(before) {
    try {
      return await api.list(before);
    } catch (problem) {
      if (problem.code !== "not_found") throw problem;
      return api.list("");
    }
  }

  /* Whoever leaves the page deletes at once, in requests that outlive it. */
  #deleteGone({ event, before, after }) {
    const gone = before.notices.filter((notice) => notice.kind === "deleted" && !after.notices.includes(notice));
    for (const { tasks } of gone) this.#delete(tasks, event === "leave" ? tasks.length : AT_ONCE);
  }

  async #delete(tasks, atOnce) {
    const left = [...tasks];
    const one = async () => {
      for (let task; (task = left.shift());) await this.#try(() => this.#deleteOne(task.task_id));
    };
    await Promise.all(Array.from({ length: atOnce }, one));
  }

  async #deleteOne(id) {
    try {
      await api.remove(id);
    } catch (problem) {
      if (problem.code === "not_found") return;
      this.tell("not_deleted", { id });
      throw problem;
    }
  }
}
