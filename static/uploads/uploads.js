/* Owns the way of pictures to the server: the first alone, then at most three at once, in the order chosen, each until it
   is accepted or refused. Leaves what is known of them to drafts.js.
   The danger is an answer that is lost: a picture keeps one Idempotency-Key for all its tries, so that
   it can never be in line twice. The key stands for its parameters too: with others, it gets another. */

import { batchOf, clientId, draftsOf } from "../cards/cards.js";
import { offline, ours, Problem, problemOf, uploadUrl } from "../connection/api.js";
import { mayBeTaken, nextToSend, uploadDelay } from "./drafts.js";

const AT_ONCE = 3;
const SILENT_MS = 60_000;
const URL_KEPT_MS = 60_000; // a card may still show the picture from this browser after its draft has gone

const UNSENT = { state: "waiting", sent: 0, tries: 0, problem: null, retryAt: 0 };

/* Not randomUUID, which plain http does not have. */
const hex = (bytes) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const again = (draft) => ({ ...draft, ...UNSENT });
/* A draft whose parameters are others now. */
const anew = (draft) => ({ ...again(draft), idempotencyKey: hex(16) });

export class Uploads {
  #sending = new Map(); // requests by the key of their draft
  #state;
  #timer;

  constructor(tell) {
    this.tell = tell;
  }

  /** Send what is to be sent, stop what is not. */
  follow({ event, data, before, after }) {
    this.#state = after;
    if (event === "chosen") this.tell("drafted", { drafts: this.#drafts(data) });
    if (event === "resend") this.tell("drafted", { drafts: data.drafts.map(anew) });
    if (event === "retry" && !data.card.task) this.tell("drafted", { drafts: draftsOf(data.card).filter(mayBeTaken).map(again) });
    if (after.drafts !== before.drafts || after.notices !== before.notices) forget(before, after);
    this.#stopUnwanted();
    this.#sendReady();
  }

  /* Files become drafts; one that is chosen in the place of a refused one keeps its card. */
  #drafts({ files, inPlaceOf }) {
    const batch = this.#state.clock.now();
    const parameters = this.#state.parameters?.values ?? null;
    const key = (index) => (this.#state.drafts.has(inPlaceOf) ? inPlaceOf : clientId(batch, index, hex(8)));
    return files.map((file, index) => ({
      key: key(index), idempotencyKey: hex(16), file, name: file.name, size: file.size,
      localUrl: URL.createObjectURL(file), parameters, ...UNSENT,
    }));
  }

  #stopUnwanted() {
    for (const [key, { idempotencyKey }] of this.#sending) {
      if (this.#state.drafts.get(key)?.idempotencyKey !== idempotencyKey) this.#end(key);
    }
  }

  #sendReady() {
    const { drafts, session, limits, clock } = this.#state;
    const atOnce = session ? limits.uploads_at_once ?? AT_ONCE : 0;
    for (const draft of nextToSend(this.#state, atOnce, clock.millis())) if (!this.#sending.has(draft.key)) this.#send(draft);
    clearTimeout(this.#timer);
    const times = [...drafts.values()].filter((draft) => draft.state === "retrying").map((draft) => draft.retryAt);
    const next = Math.min(...times) - clock.millis();
    if (times.length) this.#timer = setTimeout(() => this.#sendReady(), Math.max(0, next) + 1);
  }

  #send(draft) {
    const { key, idempotencyKey } = draft;
    const request = new XMLHttpRequest();
    const silence = new Silence(() => request.abort());
    this.#sending.set(key, { request, silence, idempotencyKey });
    request.upload.onprogress = ({ loaded, total }) => {
      silence.broken();
      this.tell("sending", { key, sent: total ? loaded / total : 0 });
    };
    request.upload.onload = () => this.tell("checking", { key });
    request.onloadend = () => this.#answered(key, request);
    request.open("POST", uploadUrl);
    const headers = { ...ours, "Idempotency-Key": idempotencyKey };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    this.tell("sending", { key, sent: 0 });
    request.send(form(draft));
  }

  #answered(key, request) {
    if (this.#sending.get(key)?.request !== request) return;
    this.#end(key);
    const task = taskOf(request);
    if (task) this.tell("accepted", { key, task });
    else this.#notAccepted(this.#state.drafts.get(key), request.status >= 400
      ? problemOf(request.status, request.responseText, request.getResponseHeader("Retry-After"))
      : offline());
  }

  #notAccepted(draft, problem) {
    const retryAt = this.#state.clock.millis() + uploadDelay(problem, draft.tries);
    this.tell("not_sent", { key: draft.key, problem, retryAt });
    if (problem.code === "offline") this.#checkReadable(draft);
  }

  /* A file that was moved or changed after it was chosen fails like a lost network; reading tells them apart. */
  async #checkReadable({ key, file }) {
    const readable = await file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (readable || this.#state.drafts.get(key)?.file !== file) return;
    this.tell("not_sent", { key, problem: new Problem({ code: "unreadable" }), retryAt: 0 });
  }

  /* The entry goes first: an abort makes the request end, and that end must mean nothing. */
  #end(key) {
    const { request, silence } = this.#sending.get(key);
    this.#sending.delete(key);
    silence.end();
    if (request.readyState !== XMLHttpRequest.DONE) request.abort();
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

/* The browser keeps a file for as long as it has an address; a draft that can be taken back still needs it. */
function forget(before, after) {
  const needed = new Set(localUrls(after));
  for (const url of localUrls(before)) if (!needed.has(url)) setTimeout(() => URL.revokeObjectURL(url), URL_KEPT_MS);
}

const localUrls = ({ drafts, notices }) =>
  [...drafts.values(), ...notices.flatMap((notice) => notice.drafts ?? [])].map(({ localUrl }) => localUrl);

/* The task that a picture became, else null: a Wi-Fi's own page may answer 200 in the server's place. */
function taskOf({ status, responseText }) {
  try {
    const task = status < 400 && JSON.parse(responseText);
    return task?.task_id ? task : null;
  } catch {
    return null;
  }
}

function form({ key, file, parameters }) {
  const data = new FormData();
  data.append("client_id", key);
  data.append("batch_id", batchOf(key));
  if (parameters) data.append("parameters", JSON.stringify(parameters));
  data.append("file", file, file.name);
  return data;
}
