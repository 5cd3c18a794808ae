/* Owns what is known of pictures on their way to the server: pure functions from drafts to drafts.
   Leaves sending them to uploads.js.
   A draft is {key, idempotencyKey, file, name, size, localUrl, parameters, state, sent, tries, problem, retryAt}; it is
   replaced, never changed. Its state is waiting, sending, checking, retrying or refused; its parameters are those that
   were chosen as the picture was, or null. */

import { Problem } from "../connection/api.js";

const LONGEST_RETRY_MS = 30_000;
const LONGEST_ASKED_MS = 5 * 60_000;
const OF_ALL = new Set([ // what would become of any other picture as well
  "line_full", "client_limit", "disk_low", "stopping", "database_busy", "pictures_busy", "model_loading", "token_needed",
]);
const FULL = new Set(["line_full", "client_limit", "disk_low"]); // there is a place for the next one at most
const MAY_BE_OF_ALL = 3; // tries, until what else goes wrong is taken to be this picture's own
const NOW_BETTER = new Set(["offline", "stopping", "token_needed"]); // over as soon as the page is connected

export const put = (drafts, draft) => new Map(drafts).set(draft.key, draft);

export function without(drafts, keys) {
  const next = new Map(drafts);
  for (const key of keys) next.delete(key);
  return next;
}

/** The drafts with those refused that need no server for it. `session` is false for a browser without one. */
export function judged(drafts, { limits, session }) {
  const judge = (draft) => {
    const problem = unsent(draft) ? why(draft.file, limits, session) : null;
    return problem ? { ...draft, state: "refused", problem } : draft;
  };
  return new Map([...drafts].map(([key, draft]) => [key, judge(draft)]));
}

const unsent = ({ state }) => state === "waiting" || state === "retrying";

function why(file, { max_upload_bytes: limit }, session) {
  if (session === false) return new Problem({ code: "no_cookies" });
  if (file.size === 0) return new Problem({ code: "empty_file" });
  return limit && file.size > limit ? new Problem({ code: "too_large", limit, actual: file.size }) : null;
}

/** The draft to send now, in a list, in the order chosen and while one is free: what waits for its next try holds back all
    that was chosen later, where that would overtake it, or have no better luck. Until the first of several has been
    accepted it goes alone: the model begins with it while the others are on their way. Of the others, each begins once
    something of the one before has gone out: the server has them enter the line in the order in which they come. */
export function nextToSend({ drafts, pace }, atOnce, now) {
  const all = [...drafts.values()];
  const busy = all.filter(({ state }) => state === "sending" || state === "checking").length;
  const begins = all.some(({ state, sent }) => state === "sending" && !sent);
  const held = all.findIndex((draft) => draft.state === "retrying" && !isDue(draft, now) && holdsBack(draft));
  const ready = all.slice(0, held < 0 ? all.length : held).filter((d) => d.state === "waiting" || (d.state === "retrying" && isDue(d, now)));
  const free = (pace === "several" ? atOnce : Math.min(1, atOnce)) - busy;
  return begins || free < 1 ? [] : ready.slice(0, 1);
}

/* Also where the clock was set back meanwhile: nothing waits for longer than that. */
const isDue = ({ retryAt }, now) => retryAt <= now || retryAt > now + 2 * LONGEST_ASKED_MS;

const holdsBack = ({ problem, tries }) => OF_ALL.has(problem.code) || tries < MAY_BE_OF_ALL;

/* How many are sent at once: one until the "first" has been accepted, then "several"; "one" until all have been sent, where
   there was no place for one of them, which another could take. */

/** The pace after a picture was accepted. */
export const paceOnward = (pace) => (pace === "one" ? "one" : "several");

/** The pace after a try that has come to nothing, for this reason. */
export const paceAfter = (pace, { code }) => (pace === "one" || FULL.has(code) ? "one" : "first");

/** Whether any of these is still to be sent. */
export const anyOpen = (drafts) => [...drafts.values()].some(({ state }) => state !== "refused");

/** What changes in a draft that was not accepted: it is tried again at `retryAt` where that may help. */
export function failed(draft, problem, retryAt) {
  const again = problem.retryable || problem.code === "token_needed";
  return draft && { state: again ? "retrying" : "refused", problem, retryAt, tries: draft.tries + 1, sent: 0 };
}

/** How long to wait before trying again: what the server asks for, else doubling; some of it by chance. */
export function uploadDelay(problem, tries, random = Math.random()) {
  const asked = problem.retryAfter !== null ? problem.retryAfter * 1000 : Math.min(LONGEST_RETRY_MS, 500 * 2 ** tries);
  return Math.min(asked, LONGEST_ASKED_MS) * (1 + random / 4);
}

/** The connection is back, or what else these codes tell is over: what waits for its next try is tried at once, if
    that was why. */
export function hurried(drafts, over = NOW_BETTER) {
  const hurry = (draft) => draft.state === "retrying" && over.has(draft.problem.code);
  return new Map([...drafts].map(([key, draft]) => [key, hurry(draft) ? { ...draft, retryAt: 0 } : draft]));
}

/** A draft as it was before it was taken back. */
export const restored = (draft) => ({ ...draft, state: draft.state === "refused" ? "refused" : "waiting", sent: 0 });

/** Whether a picture that was refused may be taken now as it is: where a server on the way refused it, not ours. */
export const mayBeTaken = ({ problem }) => problem.code === "on_the_way";
