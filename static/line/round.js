/* Owns which of one's own pictures are one piece of work: those that wait or are being made, and what has finished since
   that began. Leaves saying it to headlines.js.
   The danger is a number that is not true: where older tasks are not known, how many there were is not said. */

import { superseded } from "../cards/cards.js";
import { partsOf } from "../tasks/tasks.js";

/** The present round of one's own pictures, null where nothing of one's own goes on. It began when, last, nothing did.
    `first` of the `open` ones, which go on, is the one that will be ready first, of those that are being made where any
    is; `now` is the same, null where none is being made; `done` of `total` are over (both null where that is not known); `last` is when
    all are ready, null where nobody knows. */
export function roundOf({ tasks, drafts, next }) {
  const open = partsOf(tasks).open.filter(isMine);
  if (!open.length) return null;
  const done = finishedSince(open.reduce((first, { created_at: at }) => (at < first ? at : first), "~"), tasks, next);
  const keys = new Set(open.map(({ client_id: key }) => key));
  const unsent = [...drafts.values()].filter(({ key, state }) => state !== "refused" && !keys.has(key)).length;
  const first = open.reduce((one, other) => (isBefore(other, one) ? other : one));
  const times = open.map(({ eta }) => eta?.ready_at ?? "");
  return {
    open, first, now: first.status === "processing" ? first : null, done, total: done === null ? null : done + open.length + unsent,
    last: times.includes("") ? null : times.reduce((last, time) => (time > last ? time : last)),
  };
}

/* What is being made, then what is ready first; of what nobody knows that, what was sent first. */
function isBefore(a, b) {
  if (a.status !== b.status) return a.status === "processing";
  const [ready, other] = [a, b].map(({ eta }) => eta?.ready_at ?? "~");
  return ready === other ? a.created_at < b.created_at : ready < other;
}

/* A finished one belongs to it if it had not finished when another that does was sent. */
function finishedSince(began, tasks, next) {
  const over = lastFirst(tasks);
  let done = 0;
  for (const { finished_at: finished, created_at: created } of over) {
    if (finished <= began) return done;
    if (created < began) began = created;
    done += 1;
  }
  return next === null ? done : null;
}

let ordered = {}; // as long as the same ones are over

function lastFirst(tasks) {
  const { over } = partsOf(tasks);
  if (ordered.over !== over) {
    const old = superseded(tasks);
    const list = over.filter((task) => isMine(task) && !old.has(task.task_id));
    ordered = { over, list: list.sort(({ finished_at: a }, { finished_at: b }) => (a < b ? 1 : -1)) };
  }
  return ordered.list;
}

const isMine = ({ trashed_at: trashed, status }) => !trashed && status !== "canceled";
