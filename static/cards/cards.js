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
export function cards(tasks, drafts = new Map()) {
  const replaced = superseded(tasks);
  const shown = new Map();
  for (const task of tasks.values()) {
    if (replaced.has(task.task_id)) continue;
    const first = lineage(task, tasks).at(-1);
    shown.set(cardKey(task, first), { key: cardKey(task, first), task, draft: null, rank: rank(first) });
  }
  for (const draft of drafts.values()) {
    const card = shown.get(draft.key) ?? { key: draft.key, task: null, rank: rank(draft) };
    shown.set(draft.key, { ...card, draft });
  }
  return [...shown.values()].sort((a, b) => b.rank[0] - a.rank[0] || a.rank[1] - b.rank[1]);
}

/** The ids of canceled or failed tasks that were tried again: the newer one tells of them. */
export function superseded(tasks) {
  const ids = new Set();
  for (const { retry_of: older } of tasks.values()) {
    if (older && tasks.has(older) && tasks.get(older).status !== "succeeded") ids.add(older);
  }
  return ids;
}

/** A task and, after it, those that its card stands for as well: what was tried before in vain. */
export function lineage(task, tasks) {
  const all = [task];
  for (let older; (older = tasks.get(all.at(-1).retry_of)) && older.status !== "succeeded";) all.push(older);
  return all;
}

function cardKey(task, first) {
  const made = first === task && task.retry_of ? null : first.client_id;
  return made && PAGE_ID.test(made) ? made : first.task_id;
}

function rank({ client_id: made, key, created_at: created, retry_of: retried }) {
  const [, batch, index] = (!retried && PAGE_ID.exec(made ?? key ?? "")) || [];
  return batch ? [parseInt(batch, 36), Number(index)] : [Date.parse(created), 0];
}

const isTrashed = ({ task }) => Boolean(task?.trashed_at);
const isOver = ({ task, draft }) => (task ? isFinished(task) : draft.state === "refused");

/* Of what is not in the trash, but for the trash itself. */
export const FILTERS = {
  all: () => true,
  line: (card) => !isOver(card),
  videos: ({ task }) => task?.status === "succeeded",
  problems: ({ task, draft }) => (task ? task.status === "failed" : draft.state === "refused"),
  trash: isTrashed,
};

const shows = (name) => (card) => FILTERS[name](card) && (name === "trash" || !isTrashed(card));

/** How many cards each filter would show. */
export function counts(list) {
  const entries = Object.keys(FILTERS).map((name) => [name, list.filter(shows(name)).length]);
  return Object.fromEntries(entries);
}

/** The cards of one filter; videos are ordered by when each was finished, the trash by when each came there. */
export function filtered(list, name) {
  const kept = list.filter(shows(name));
  const when = { videos: ({ task }) => Date.parse(task.finished_at), trash: ({ task }) => Date.parse(task.trashed_at) }[name];
  return when ? kept.sort((a, b) => when(b) - when(a)) : kept;
}

/** The cards of one filter that can be cleared away together: exactly those that it shows and that are over. */
export const clearable = (list, name) => filtered(list, name).filter(isOver);
