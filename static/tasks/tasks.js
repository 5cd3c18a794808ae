/* Owns what the page knows of tasks: pure functions from what was known and a message to what is known.
   Leaves the socket, the words and the drawing to others.
   The danger is order: answers and events overtake each other, so a task's version may only rise,
   while position and eta carry no version and the newest wins. */

const SAME_MS = 2000;
const TERMINAL = new Set(["succeeded", "failed", "canceled"]);

export const isFinished = (task) => TERMINAL.has(task.status);

/** How many whole percent of a running task are done; null where nobody knows. */
export const percentOf = ({ progress = 0 }) => (progress === null ? null : Math.floor(progress));

const parts = new WeakMap(); // by the tasks

/** The tasks that go on and those that do not, as {open, over}. `over` is the same list as long as no task of it, and none's
    coming or going, is news: of two thousand, one moves on five times a second. */
export function partsOf(tasks) {
  if (!parts.has(tasks)) {
    const all = [...tasks.values()];
    parts.set(tasks, { open: all.filter((task) => !isFinished(task)), over: all.filter(isFinished) });
  }
  return parts.get(tasks);
}

/* The same parts, where one task is another version of itself. */
function carryOn(tasks, next, known, task) {
  if (!known || !parts.has(tasks) || isFinished(known) !== isFinished(task)) return;
  const part = isFinished(task) ? "over" : "open";
  const { [part]: list } = parts.get(tasks);
  parts.set(next, { ...parts.get(tasks), [part]: list.map((each) => (each === known ? task : each)) });
}

const waiting = new WeakMap(); // by the tasks: each card asks

/** One's own tasks that wait, first to last. */
export function waitingOf(tasks) {
  if (!waiting.has(tasks)) {
    const queued = partsOf(tasks).open.filter(({ status, queue }) => status === "queued" && queue);
    waiting.set(tasks, queued.sort((one, other) => one.queue.position - other.queue.position));
  }
  return waiting.get(tasks);
}

const REDUCERS = {
  __proto__: null, // the server names the events
  snapshot: replaceAll,
  task_status: change,
  task_gone: forget,
  queue: place,
};

/** The tasks after one message; the same Map when it was no news (a snapshot and a queue always are).
    `watched` holds ids asked for by address: a snapshot says nothing about them. */
export function receive(tasks, message, watched = new Set()) {
  const reduce = REDUCERS[message.event];
  return reduce ? reduce(tasks, message.data, watched) : tasks;
}

/* A snapshot that names a next task ends before it: what the page listed beyond that is still true. */
function replaceAll(tasks, snapshot, watched) {
  const next = new Map();
  for (const task of snapshot.tasks) next.set(task.task_id, newer(tasks.get(task.task_id), task));
  const oldest = next.get(snapshot.next)?.created_at ?? "";
  for (const task of tasks.values()) {
    const beyond = isFinished(task) && task.created_at < oldest;
    if (!next.has(task.task_id) && (beyond || watched.has(task.task_id))) next.set(task.task_id, task);
  }
  return next;
}

function newer(known, task) {
  return known && known.version > task.version ? known : task;
}

function change(tasks, changes) {
  const known = tasks.get(changes.task_id);
  if (known ? changes.version < known.version : changes.status === undefined) return tasks;
  const told = changes.eta ? { ...changes, eta: steady(known?.eta, changes.eta) } : changes;
  const task = { ...known, ...told };
  const next = new Map(tasks).set(changes.task_id, task);
  carryOn(tasks, next, known, task);
  return next;
}

function forget(tasks, { task_id: taskId }) {
  if (!tasks.has(taskId)) return tasks;
  const next = new Map(tasks);
  next.delete(taskId);
  return next;
}

/* Only the tasks that moved are named; how many wait is the same for all. None of them is over. */
function place(tasks, { tasks: places = [], waiting }) {
  const next = new Map(tasks);
  for (const [taskId, task] of tasks) {
    if (task.queue && waiting !== undefined && task.queue.size !== waiting) {
      next.set(taskId, { ...task, queue: { ...task.queue, size: waiting } });
    }
  }
  for (const { task_id: taskId, queue, eta, eta_reason } of places) {
    const task = next.get(taskId);
    if (!task || isFinished(task)) continue;
    next.set(taskId, { ...task, queue: task.status === "queued" ? queue : null, eta: steady(task.eta, eta), eta_reason });
  }
  const { open, over } = partsOf(tasks);
  parts.set(next, { open: open.map(({ task_id: id }) => next.get(id)), over });
  return next;
}

/* What counts down must not count up: a time that has moved on by less than anybody can rely on is still the same. */
function steady(known, eta) {
  if (!known || !eta || known.basis !== eta.basis) return eta;
  const later = Date.parse(eta.ready_at) - Date.parse(known.ready_at);
  return later > 0 && later <= SAME_MS ? { ...eta, ready_at: known.ready_at } : eta;
}

/** The tasks after a page of the list: known ones keep the newer of both. */
export function addListed(tasks, listed) {
  const next = new Map(tasks);
  for (const task of listed) next.set(task.task_id, newer(tasks.get(task.task_id), task));
  return next;
}
