/* Owns hearing the server by requests, where no WebSocket passes: what the socket would tell is asked for.
   Leaves when that begins and ends to fallback.js.
   The danger is a browser's six connections, which all of its pages share: one request waits, and only of a page
   that is seen. */

import * as api from "./api.js";
import { retryDelay } from "./socket.js";

const WAIT_SECONDS = 20;
const PAUSE_MS = 500; // a percentage may move five times a second
const LINE_MS = 3_000; // how often the line is asked for, which changes without any own task
const HIDDEN_MS = 15_000;

export class Requests {
  #over = new AbortController();
  #pauses = new Set();
  #watched = new Set();
  #version = "";
  #failed = 0;
  #tell;

  /** Begin, and tell(event, data) as a socket would; `followed` is each snapshot after the first, and `unanswered`
      tells why there is none at the moment. */
  constructor(tell) {
    this.#tell = (event, data) => this.#over.signal.aborted || tell(event, data);
    this.#forEver(() => this.#follow(), 0);
    this.#forEver(() => this.#look(), LINE_MS);
  }

  /** Tell nothing any more. */
  stop() {
    this.#over.abort();
    this.probe();
  }

  /** Ask at once. */
  probe() {
    for (const end of this.#pauses) end();
  }

  /** Hear of these tasks too, until they have ended. */
  subscribe(ids) {
    for (const id of ids) this.#watched.add(id);
    this.#lookAtWatched();
  }

  /* Again and again; each round says how long to wait after it. */
  async #forEver(round, first) {
    for (let pause = first; ; pause = await round()) {
      await this.#pause(pause);
      if (this.#over.signal.aborted) return;
    }
  }

  async #follow() {
    try {
      this.#take(await api.follow(this.#version, document.hidden ? 0 : WAIT_SECONDS, this.#over.signal));
      this.#failed = 0;
      return document.hidden ? HIDDEN_MS : PAUSE_MS;
    } catch (problem) {
      this.#tell("unanswered", { problem });
      return Math.max(retryDelay(this.#failed++), 1000 * (problem.retryAfter ?? 0));
    }
  }

  #take({ hello, version, ...snapshot }) {
    this.#tell("hello", hello);
    this.#tell(this.#version ? "followed" : "snapshot", snapshot);
    this.#version = version;
  }

  async #look() {
    if (!document.hidden) {
      const { model, ...line } = await api.queue().catch(() => ({})); // the other request tells why
      if (model) this.#tell("queue", line);
      if (model) this.#tell("model", model);
      await this.#lookAtWatched();
    }
    return LINE_MS;
  }

  async #lookAtWatched() {
    for (const id of this.#watched) {
      const found = await api.status(id).catch((problem) => ({ problem }));
      if (found.problem?.code === "not_found") this.#tell("error", { ...found.problem, task_ids: [id] });
      if (found.task_id) this.#tell("task_status", found);
      if (found.finished_at || found.problem?.code === "not_found") this.#watched.delete(id);
    }
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const end = () => [clearTimeout(timer), this.#pauses.delete(end), resolve()];
      const timer = setTimeout(end, ms);
      this.#pauses.add(end);
    });
  }
}
