/* Owns which cards there are and in which order: one card per picture, from its choosing to its video.
   Leaves what a card says to phrases.js.
   The danger is a card that jumps or doubles: its key and its rank must not change while its picture
   goes from a draft to a task, or from a canceled task to the one that an undo made. */

import { isFinished } from "../tasks/tasks.js";

const PAGE_ID = /^page-([0-9a-z]{1,9})-(\d{1,5})-[0-9a-f]+$/;

/** The client_id of one picture: which choosing it came from, its place in that, and a random part. */
export function clientId(batchMillis, index, random) {
  return `page-${Math.round(batchMillis).toString(36)}-${index}-${random}`;
}

/** Cards in the order shown: the newest choosing first, within it as chosen.
    Each is {key, task, draft}; a draft whose task is known is not shown twice. */
export function cards(tasks, drafts = new Map(), away = new Set()) {
  const replaced = superseded(tasks);
  const shown = new Map();
  for (const task of tasks.values()) {
    if (replaced.has(task.task_id) || away.has(task.task_id)) continue;
    const first = origin(task, tasks);
    shown.set(cardKey(task, first), { key: cardKey(task, first), task, draft: null, rank: rank(first) });
  }
  for (const draft of drafts.values()) {
    const card = shown.get(draft.key) ?? { key: draft.key, task: null, rank: rank(draft) };
    shown.set(draft.key, { ...card, draft });
  }
  return [...shown.values()].sort((a, b) => b.rank[0] - a.rank[0] || a.rank[1] - b.rank[1]);
}

/* A canceled or failed task that was tried again is told by the newer one. */
function superseded(tasks) {
  const ids = new Set();
  for (const { retry_of: older } of tasks.values()) {
    if (older && tasks.has(older) && tasks.get(older).status !== "succeeded") ids.add(older);
  }
  return ids;
}

function origin(task, tasks) {
  let first = task;
  for (let older; (older = tasks.get(first.retry_of)) && older.status !== "succeeded";) first = older;
  return first;
}

function cardKey(task, first) {
  const made = first === task && task.retry_of ? null : first.client_id;
  return made && PAGE_ID.test(made) ? made : first.task_id;
}

function rank({ client_id: made, key, created_at: created, retry_of: retried }) {
  const [, batch, index] = (!retried && PAGE_ID.exec(made ?? key ?? "")) || [];
  return batch ? [parseInt(batch, 36), Number(index)] : [Date.parse(created), 0];
}

export const FILTERS = {
  all: () => true,
  line: ({ task, draft }) => (task ? !isFinished(task) : draft.state !== "refused"),
  videos: ({ task }) => task?.status === "succeeded",
  problems: ({ task, draft }) => draft?.state === "refused" || task?.status === "failed",
};

/** How many cards each filter would show. */
export function counts(list) {
  const entries = Object.entries(FILTERS).map(([name, keep]) => [name, list.filter(keep).length]);
  return Object.fromEntries(entries);
}

/** The cards of one filter; the gallery of videos is ordered by when each was finished. */
export function filtered(list, name) {
  const kept = list.filter(FILTERS[name]);
  if (name !== "videos") return kept;
  return kept.sort((a, b) => Date.parse(b.task.finished_at) - Date.parse(a.task.finished_at));
}
