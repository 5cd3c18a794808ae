/* Owns asking for the tasks that are older than a snapshot tells, a page at a time.
   Leaves what is done with them to the caller. */

import * as api from "../connection/api.js";
import { isFinished } from "./tasks.js";

const IN_A_SNAPSHOT = 50; // so many finished ones, and there may be more

export class Older {
  #next = null; // the list goes on before this task; "" from its newest, null not at all
  #asking = false;

  get any() {
    return this.#next !== null;
  }

  /** A snapshot has come: whether there is more than it tells. */
  after({ tasks }) {
    this.#next = tasks.filter(isFinished).length < IN_A_SNAPSHOT ? null : "";
  }

  /** Hand `learn(tasks)` pages of older tasks until it says that one of them was new; false when none was,
      or when nobody answered: then the next scroll asks again. */
  async ask(learn) {
    if (this.#asking) return false;
    this.#asking = true;
    try {
      return await this.#find(learn);
    } catch {
      return false;
    } finally {
      this.#asking = false;
    }
  }

  async #find(learn) {
    for (let found = false; !found;) {
      if (!this.any) return false;
      const { tasks, next } = await this.#page();
      this.#next = next;
      found = learn(tasks);
    }
    return true;
  }

  /* From the newest again where the task that the list went on before was deleted meanwhile. */
  async #page() {
    try {
      return await api.list(this.#next);
    } catch (problem) {
      if (problem.code !== "not_found") throw problem;
      return api.list("");
    }
  }
}
