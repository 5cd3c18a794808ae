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

/** The batch_id of all that was chosen together with this picture, by its client_id. */
export const batchOf = (made) => made.split("-", 2).join("-");

let asked = {}; // most of the page asks for the same ones, one after the other

/** Cards in the order shown: the newest choosing first, within it as chosen.
    Each is {key, task, draft}; a draft whose task is known is not shown twice. One of several that were refused together
    has neither, but `refused`: all of them. */
export function cards(tasks, drafts = NONE) {
  if (asked.tasks !== tasks || asked.drafts !== drafts) asked = { tasks, drafts, list: mended(tasks, drafts) ?? made(tasks, drafts) };
  return asked.list;
}

/* Of two thousand pictures one moves on, five times a second: then the others' cards are as they were. Null where more
   than what a card says may be another. */
function mended(tasks, drafts) {
  if (asked.drafts !== drafts || asked.tasks?.size !== tasks.size) return null;
  const changed = new Map();
  const before = asked.tasks.values();
  for (const task of tasks.values()) {
    const { value: old } = before.next();
    if (old === task) continue;
    if (old.task_id !== task.task_id || old.status !== task.status || old.retry_of || task.retry_of) return null;
    changed.set(old, task);
  }
  return asked.list.map((card) => (changed.has(card.task) ? { ...card, task: changed.get(card.task) } : card));
}

const NONE = new Map();

function made(tasks, drafts) {
  const replaced = superseded(tasks);
  const shown = new Map();
  for (const task of tasks.values()) {
    if (replaced.has(task.task_id)) continue;
    const card = cardOf(task, tasks);
    shown.set(card.key, card);
  }
  for (const draft of drafts.values()) {
    const card = shown.get(draft.key) ?? { key: draft.key, task: null, rank: rank(draft) };
    shown.set(draft.key, { ...card, draft });
  }
  return together([...shown.values()]).sort((a, b) => b.rank[0] - a.rank[0] || a.rank[1] - b.rank[1]);
}

/* A task never changes: another version of it is another object, and its card is the same as long as it is. */
const known = new WeakMap();

function cardOf(task, tasks) {
  if (!task.retry_of && known.has(task)) return known.get(task);
  const first = lineage(task, tasks).at(-1);
  const card = { key: cardKey(task, first), task, draft: null, rank: rank(first) };
  known.set(task, card);
  return card;
}

/* Several of one choosing that were refused are one card. Those that can be mended by the form stay what they are. */
function together(list) {
  const refused = list.filter(({ task, draft }) => !task && draft.state === "refused" && draft.problem?.code !== "bad_parameters");
  const groups = new Map();
  for (const card of refused) groups.set(card.rank[0], [...groups.get(card.rank[0]) ?? [], card]);
  const several = [...groups].filter(([, group]) => group.length > 1);
  if (!several.length) return list;
  const grouped = new Set(several.flatMap(([, group]) => group));
  const one = ([batch, group]) => {
    const inOrder = group.sort((a, b) => a.rank[1] - b.rank[1]);
    return { key: `refused-${batch.toString(36)}`, task: null, draft: null, refused: inOrder.map(({ draft }) => draft), rank: inOrder[0].rank };
  };
  return [...list.filter((card) => !grouped.has(card)), ...several.map(one)];
}

/** The drafts that a card is of, where it is of no task: one, or all that were refused together. */
export const draftsOf = ({ task, draft, refused }) => (task ? [] : refused ?? [draft]);

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
const isRefused = ({ draft, refused }) => Boolean(refused) || draft.state === "refused";
const isOver = (card) => (card.task ? isFinished(card.task) : isRefused(card));

/* Of what is not in the trash, but for the trash itself. */
export const FILTERS = {
  all: () => true,
  line: (card) => !isOver(card),
  videos: ({ task }) => Boolean(task?.video_url),
  problems: (card) => (card.task ? card.task.status === "failed" : isRefused(card)),
  trash: isTrashed,
};

const shows = (name) => (card) => FILTERS[name](card) && (name === "trash" || !isTrashed(card));

/** How many pictures these cards are of. */
export const pictures = (list) => list.reduce((sum, { refused }) => sum + (refused?.length ?? 1), 0);

/** How many pictures each filter would show. */
export function counts(list) {
  const kept = list.filter((card) => !isTrashed(card));
  const entries = Object.entries(FILTERS).map(([name, has]) => [name, pictures(kept.filter(has))]);
  return { ...Object.fromEntries(entries), trash: list.length - kept.length };
}

/** The cards of one filter; videos are ordered by when each was finished, the trash by when each came there. */
export function filtered(list, name) {
  const kept = list.filter(shows(name));
  const when = { videos: ({ task }) => Date.parse(task.finished_at), trash: ({ task }) => Date.parse(task.trashed_at) }[name];
  return when ? kept.sort((a, b) => when(b) - when(a)) : kept;
}

/** The cards of one filter that can be cleared away together: exactly those that it shows and that are over. */
export const clearable = (list, name) => filtered(list, name).filter(isOver);
