/* Owns asking the server for what a person wants of a task: cancel, try again, put away, show older ones.
   Leaves the calls to api.js, and what is known afterwards to state.js.
   The danger is a deletion that cannot be taken back: what is deleted lies in the server's trash, unless somebody
   says for good. */

import * as api from "../connection/api.js";
import { draftsOf, lineage } from "../cards/cards.js";
import { toClear } from "../state.js";
import { graceful } from "./grace.js";
import { isFinished } from "./tasks.js";

const AT_ONCE = 3;
const PLACE_KEPT_MS = 40_000; // the server keeps a canceled place for 60 s, of which its answer may have taken 15

export class Commands {
  #asked = {
    cancel: ({ data: { card: { task } }, after }) => task && (graceful(task) ? this.#wait(task, after) : this.#cancel(task)),
    grace_over: ({ data: { id, until }, before }) => before.graces.get(id) === until && this.#stop({ task_id: id }),
    looked: ({ before, after }) => after.hidden && this.#overAtOnce(before),
    retry: ({ data: { card }, after }) => card.task && this.#again(card, after),
    again: ({ data: { card, cards }, after }) => (cards ? this.#manyAgain(cards, after) : this.#again(card, after)),
    delete: ({ data: { card, cards = [card] }, before }) => this.#putAway(cards, before),
    pin: ({ data: { card, cards = [card] }, after }) => this.#keep(cards, api.pin, after.words.wall?.pinned),
    unpin: ({ data: { card, cards = [card] }, after }) => this.#keep(cards, api.unpin, after.words.wall?.unpinned),
    move: ({ data: { card, to } }) => this.#move(card.task, to),
    clear: ({ before }) => (before.filter === "trash" ? this.#deleteForGood : this.#putAway)(toClear(before), before),
    restore: ({ data: { card }, before }) => this.#restore([card.task], before),
    purge: ({ data: { card }, before }) => this.#deleteForGood([card], before),
    undo: ({ data: { notice }, before }) => before.notices.includes(notice) && this.#takeBack(notice, before),
    leave: ({ before }) => {
      this.#overAtOnce(before);
      this.#hurry.forEach((hurry) => hurry());
    },
  };

  #hurry = new Set(); // for each round of commands that has not ended, how to send all the rest at once

  constructor(tell) {
    this.tell = tell;
  }

  follow(happened) {
    const { event, before, after } = happened;
    if (Object.hasOwn(this.#asked, event)) this.#try(() => this.#asked[event](happened));
    if (after.listing && !before.listing) this.#list(after.next);
    if (after.aborted !== before.aborted) this.#stopCaught(before.aborted, after.aborted);
  }

  async #try(what) {
    try {
      await what();
    } catch (problem) {
      if (!(problem instanceof api.Problem)) throw problem;
      this.tell("notice", { kind: "problem", problem });
    }
  }

  async #move({ task_id: id }, to) {
    this.tell("task_status", await api.move(id, to));
  }

  async #cancel(task) {
    const canceled = await this.#stop(task);
    const undo = canceled?.status === "canceled" && !canceled.started_at;
    if (undo) this.tell("notice", { kind: "canceled", task: canceled, undo, within: PLACE_KEPT_MS });
  }

  /* What was thought better of meanwhile has no grace that could be over, or another one. */
  #wait({ task_id: id }, { graces, clock }) {
    const until = graces.get(id);
    setTimeout(() => this.tell("grace_over", { id, until }), until - clock.millis());
  }

  #overAtOnce({ graces }) {
    for (const id of graces.keys()) this.#try(() => this.#stop({ task_id: id }));
  }

  async #stop({ task_id: id }) {
    const task = await api.cancel(id);
    if (task?.task_id) this.tell("task_status", task);
    return task;
  }

  /* What the model does not take any more can be changed, and sent then. */
  async #again(card, { parameters }) {
    try {
      await this.#retry(card.task);
    } catch (problem) {
      if (problem.code !== "bad_parameters" || !parameters) throw problem;
      this.tell("changes", { card, problem });
    }
  }

  async #manyAgain(cards, { words }) {
    const done = await this.#each(cards.map(({ task }) => task), (task) => this.#retry(task));
    this.tell("notice", { kind: "said", text: words.wall.sentAgain(done.length, cards.length) });
  }

  /* One that is kept shows it; how many are is to be said. */
  async #keep(cards, ask, says) {
    const keep = async ({ task_id: id }) => this.tell("task_status", await ask(id));
    const done = await this.#each(cards.map(({ task }) => task), keep);
    if (cards.length > 1) this.tell("notice", { kind: "said", text: says(done.length, cards.length) });
  }

  async #retry({ task_id: id }) {
    this.tell("task_status", await api.retry(id));
  }

  /* Of a canceled task, and of an upload that was accepted all the same, only a new task can be made. */
  #takeBack({ kind, task, tasks, drafts: [draft] = [] }, state) {
    if (kind === "deleted") return this.#restore(tasks, state);
    const canceled = task ?? state.aborted.get(draft?.key);
    return canceled && this.#retry(canceled);
  }

  // What a card stands for goes and comes back together, or what was tried before would be seen again

  #putAway = async (cards, { tasks: known }) => {
    const heads = cards.map(({ task }) => task).filter(Boolean);
    const drafts = cards.flatMap(draftsOf);
    const tasks = await this.#each(heads, (head) => this.#ofAll(head, known, api.trash));
    if (tasks.length + drafts.length) this.tell("notice", { kind: "deleted", tasks, drafts, undo: true });
  };

  #restore(heads, { tasks: known }) {
    return this.#each(heads, (head) => this.#ofAll(head, known, api.restore));
  }

  #deleteForGood = (cards, { tasks: known }) =>
    this.#each(cards.map(({ task }) => task), (head) => this.#ofAll(head, known, api.remove));

  /* The newest last: until then its card stands for them all. */
  async #ofAll(head, known, ask) {
    for (const { task_id: id } of lineage(head, known).reverse()) {
      const task = await ask(id).catch((problem) => {
        if (problem.code !== "not_found") throw problem;
      });
      this.tell(...(task ? ["task_status", task] : ["task_gone", { task_id: id }]));
    }
  }

  /* Those for which it was done. The first problem ends it, or there would be as many as tasks. */
  async #each(tasks, act) {
    let left = [...tasks];
    const done = [];
    const one = async () => {
      for (let task; (task = left?.shift());) {
        try {
          await act(task);
          done.push(task);
        } catch (problem) {
          if (left === null) return;
          left = null;
          throw problem;
        }
      }
    };
    const send = (atOnce) => Promise.all(Array.from({ length: atOnce }, () => this.#try(one)));
    const hurry = () => send(left?.length ?? 0);
    this.#hurry.add(hurry);
    await send(AT_ONCE);
    this.#hurry.delete(hurry);
    return done;
  }

  /* The tasks of uploads that had been canceled are known only now. */
  #stopCaught(before, after) {
    for (const [key, task] of after) if (task && !before.get(key) && !isFinished(task)) this.#try(() => this.#stop(task));
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
}
