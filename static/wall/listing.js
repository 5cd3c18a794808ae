/* Owns asking the server for the videos that the wall is to show, page by page, as far down as somebody looks.
   Leaves what is shown of them to found.js.
   The danger is an answer that comes late: what was asked for another search tells of true videos, but not how far this
   one has come. */

import * as api from "../connection/api.js";

const TYPED_MS = 200; // who still types is not asked for

export class Listing {
  #round = 0; // grows with each search and order
  #asking = false;
  #typed = null;

  constructor(tell) {
    this.tell = tell;
  }

  /** Ask for this search in this order, from its beginning; `soon` where it is still being typed. */
  begin(wall, soon = false) {
    this.#round += 1;
    this.#asking = false;
    clearTimeout(this.#typed);
    this.tell("wall", { wall: { reached: null, next: "" } });
    this.#typed = setTimeout(() => this.more({ ...wall, next: "" }), soon ? TYPED_MS : 0);
  }

  /** Ask for the next ones, unless there are none or they are asked for. */
  async more({ search, sort, next }) {
    if (this.#asking || next === null) return;
    const round = this.#round;
    this.#asking = true;
    try {
      const told = await this.#page(search, sort, next);
      if (round !== this.#round) return this.tell("wall", { tasks: told.tasks });
      this.#asking = false;
      this.#take(told);
    } catch (problem) {
      if (!(problem instanceof api.Problem)) throw problem;
      if (problem.code === "on_the_way") this.tell("notice", { kind: "problem", problem });
    } finally {
      if (round === this.#round) this.#asking = false;
    }
  }

  /** Ask for the first ones again: what finished while nobody told this page is among them. */
  async refresh({ search, sort }) {
    const told = await api.videos({ search, sort, before: "" }).catch(() => ({ tasks: [] })); // the next one may get through
    this.tell("wall", { tasks: told.tasks });
  }

  #take({ tasks, next }) {
    const wall = next === null ? { next, reached: "all" } : { next };
    if (next !== null && tasks.length) wall.reached = tasks.at(-1);
    this.tell("wall", { tasks, wall });
  }

  /* From the first again where the one that it goes on after was deleted meanwhile. */
  async #page(search, sort, before) {
    try {
      return await api.videos({ search, sort, before });
    } catch (problem) {
      if (problem.code !== "not_found") throw problem;
      return api.videos({ search, sort, before: "" });
    }
  }
}
