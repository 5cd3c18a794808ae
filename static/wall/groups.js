/* Owns how the wall's videos are grouped: by the day of the person's own clock, or by what was sent together.
   Leaves their order within a group to found.js, what a group is called to wall.js. Pure functions. */

export const GROUPS = ["day", "batch", "none"];

const PAGE_BATCH = /^page-[0-9a-z]{1,9}(?=-\d)/;

/** The name of what this picture was sent together with; null where it was sent alone. */
export const batchOf = ({ batch_id: named, client_id: made }) => named ?? PAGE_BATCH.exec(made ?? "")?.[0] ?? null;

/** The videos in groups [{key, batch, at, tasks}]: `batch` is null in all but those of pictures sent together, `at` is the
    time of the server that a group is called by. The groups are in the order of time, backwards but for `oldest`; each
    has its videos in the order in which they came. */
export function grouped(tasks, group, sort, clock) {
  const groups = new Map();
  for (const task of tasks) {
    const key = KEYS[group](task, clock);
    const known = groups.get(key) ?? groups.set(key, { key, batch: group === "batch" ? batchOf(task) : null, tasks: [] }).get(key);
    known.tasks.push(task);
  }
  const all = [...groups.values()].map((each) => ({ ...each, ...times(each.tasks, group) }));
  const backwards = sort === "oldest" ? 1 : -1;
  return all.sort((a, b) => backwards * (a.last < b.last ? -1 : a.last > b.last ? 1 : 0));
}

const KEYS = {
  none: () => "all",
  day: ({ finished_at: at }, clock) => dayOf(at, clock),
  batch: (task, clock) => batchOf(task) ?? `alone ${dayOf(task.created_at, clock)}`,
};

/* Of a batch, when the first of it was sent. */
function times(tasks, group) {
  const last = tasks.reduce((latest, { finished_at: at }) => (at > latest ? at : latest), "");
  const sent = () => tasks.reduce((first, { created_at: at }) => (at < first ? at : first), "~");
  return { last, at: group === "batch" ? sent() : last };
}

/** The day of a server's time by the person's clock, as 2026-11-27. */
export function dayOf(time, clock) {
  if (days.clock !== clock) days = { clock, known: new Map() };
  if (!days.known.has(time)) days.known.set(time, named(clock.local(time)));
  return days.known.get(time);
}

let days = {}; // of each of two thousand videos, whenever one changes

/** Which day it is for the person, so many `daysAgo`. */
export function today(clock, daysAgo = 0) {
  const local = new Date(clock.millis());
  local.setDate(local.getDate() - daysAgo); // a day is not always 24 hours
  return named(local);
}

function named(local) {
  const two = (n) => String(n).padStart(2, "0");
  return `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`;
}
