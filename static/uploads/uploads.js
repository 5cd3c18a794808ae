/* Owns the way of pictures to the server: at most three at once, in the order chosen, each until it is
   accepted or refused. Leaves where the page's cards come from to cards.js.
   The danger is an answer that is lost: a picture keeps one Idempotency-Key for all its tries, so that
   it can never be in line twice. */

import { offline, Problem, problemOf, uploadUrl } from "../connection/api.js";
import { clientId } from "../cards/cards.js";

const SILENT_MS = 60_000;
const LONGEST_RETRY_MS = 30_000;
const NOW_BETTER = new Set(["offline", "stopping", "token_needed"]); // over as soon as the page is connected

/** How long to wait before trying again: what the server asks for, else doubling; some of it by chance. */
export function uploadDelay(problem, tries, random = Math.random()) {
  const asked = problem.retryAfter !== null ? problem.retryAfter * 1000 : Math.min(LONGEST_RETRY_MS, 500 * 2 ** tries);
  return Math.min(asked, 5 * 60_000) * (1 + random / 4);
}

/** Which drafts to send now: the first that can go, as many as are free. */
export function nextToSend(drafts, atOnce, now) {
  const all = [...drafts.values()];
  const busy = all.filter(({ state }) => state === "sending" || state === "checking").length;
  const ready = all.filter((d) => d.state === "waiting" || (d.state === "retrying" && d.retryAt <= now));
  return ready.slice(0, Math.max(0, atOnce - busy));
}

/* Not randomUUID, which plain http does not have. */
const hex = (bytes) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Uploads {
  #sending = new Map();
  #timer;
  atOnce = 3;
  limits = {};
  drafts = new Map(); // by key, in the order chosen; each draft is replaced, never changed

  /** `on` has changed(), accepted(task, draft), refused(draft) and problem(problem). */
  constructor(clock, on) {
    this.clock = clock;
    this.on = on;
  }

  /** Take these files in line to be sent, in this order. */
  add(files) {
    const batch = this.clock.now();
    files.forEach((file, index) => this.#put({
      key: clientId(batch, index, hex(8)), idempotencyKey: hex(16), file, name: file.name, size: file.size,
      localUrl: URL.createObjectURL(file), state: "waiting", sent: 0, tries: 0, problem: null, retryAt: 0,
    }));
    this.#go();
  }

  /** Send another file in the place of a refused one. */
  replace(key, file) {
    const draft = this.drafts.get(key);
    if (!draft) return this.add([file]);
    URL.revokeObjectURL(draft.localUrl);
    this.#put({
      ...draft, idempotencyKey: hex(16), file, name: file.name, size: file.size,
      localUrl: URL.createObjectURL(file), state: "waiting", sent: 0, tries: 0, problem: null,
    });
    return this.#go();
  }

  /** Do not send this picture; gives its draft, for `restore`. */
  cancel(key) {
    const draft = this.drafts.get(key);
    this.#end(key);
    this.drafts.delete(key);
    this.#go();
    return draft;
  }

  /** Send a picture after all; its card is back in its old place. */
  restore(draft) {
    this.#put({ ...draft, state: draft.state === "refused" ? "refused" : "waiting", sent: 0 });
    this.#go();
  }

  /** The connection is back: try at once what waits for its next try. */
  hurry() {
    for (const draft of this.drafts.values()) {
      if (draft.state === "retrying" && NOW_BETTER.has(draft.problem.code)) this.#put({ ...draft, retryAt: 0 });
    }
    this.#go();
  }

  #put(draft) {
    this.drafts.set(draft.key, draft);
  }

  #change(key, changes) {
    const draft = this.drafts.get(key);
    if (!draft) return;
    this.#put({ ...draft, ...changes });
    this.on.changed();
  }

  #go() {
    for (let ready; (ready = this.#ready()).length;) for (const draft of ready) this.#send(draft);
    this.#wake();
    this.on.changed();
  }

  #ready() {
    return nextToSend(this.drafts, this.atOnce, this.clock.millis());
  }

  #wake() {
    clearTimeout(this.#timer);
    const times = [...this.drafts.values()].filter((d) => d.state === "retrying").map((d) => d.retryAt);
    if (times.length) this.#timer = setTimeout(() => this.#go(), Math.max(0, Math.min(...times) - this.clock.millis()) + 1);
  }

  #send(draft) {
    const problem = this.#check(draft.file);
    if (problem) return this.#failed(draft.key, problem);
    const request = new XMLHttpRequest();
    const silence = new Silence(() => request.abort());
    this.#sending.set(draft.key, { request, silence });
    request.upload.onprogress = ({ loaded, total }) => {
      silence.broken();
      this.#change(draft.key, { state: "sending", sent: total ? loaded / total : 0 });
    };
    request.upload.onload = () => this.#change(draft.key, { state: "checking", sent: 1 });
    request.onloadend = () => this.#answered(draft.key, request);
    request.open("POST", uploadUrl);
    request.setRequestHeader("Idempotency-Key", draft.idempotencyKey);
    this.#put({ ...draft, state: "sending", sent: 0 });
    return request.send(form(draft));
  }

  /* What needs no server to be refused. */
  #check(file) {
    const { max_upload_bytes: limit } = this.limits;
    if (file.size === 0) return new Problem({ code: "empty_file" });
    return limit && file.size > limit ? new Problem({ code: "too_large" }) : null;
  }

  #answered(key, request) {
    if (this.#sending.get(key)?.request !== request) return;
    this.#end(key);
    const task = taskOf(request);
    if (task) this.#accepted(key, task);
    else this.#failed(key, request.status >= 400
      ? problemOf(request.status, request.responseText, request.getResponseHeader("Retry-After"))
      : offline());
    this.#go();
  }

  #accepted(key, task) {
    const draft = this.drafts.get(key);
    this.drafts.delete(key);
    this.on.accepted(task, draft);
  }

  #failed(key, problem) {
    const draft = this.drafts.get(key);
    const again = problem.retryable || problem.code === "token_needed";
    const retryAt = this.clock.millis() + uploadDelay(problem, draft.tries);
    this.#change(key, { state: again ? "retrying" : "refused", problem, tries: draft.tries + 1, retryAt, sent: 0 });
    if (problem.code === "offline") this.#checkReadable(draft);
    if (again) this.on.problem(problem);
    else this.on.refused(this.drafts.get(key));
  }

  /* A file that was moved or changed after it was chosen fails like a lost network; reading tells them apart. */
  async #checkReadable({ key, file }) {
    const readable = await file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (readable || this.drafts.get(key)?.file !== file) return;
    this.#change(key, { state: "refused", problem: new Problem({ code: "unreadable" }) });
    this.on.refused(this.drafts.get(key));
  }

  /* The entry goes first: an abort makes the request end, and that end must mean nothing. */
  #end(key) {
    const { request, silence } = this.#sending.get(key) ?? {};
    this.#sending.delete(key);
    silence?.end();
    if (request && request.readyState !== XMLHttpRequest.DONE) request.abort();
  }
}

/* A connection on which nothing moves for a minute is given up; the next try gets a new one. */
class Silence {
  #timer;

  constructor(giveUp) {
    this.giveUp = giveUp;
    this.broken();
  }

  broken() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.giveUp, SILENT_MS);
  }

  end() {
    clearTimeout(this.#timer);
  }
}

/* The task that a picture became, else null: a Wi-Fi's own page may answer 200 in the server's place. */
function taskOf({ status, responseText }) {
  try {
    const task = status < 400 && JSON.parse(responseText);
    return task?.task_id ? task : null;
  } catch {
    return null;
  }
}

function form({ key, file }) {
  const data = new FormData();
  data.append("client_id", key);
  data.append("file", file, file.name);
  return data;
}
