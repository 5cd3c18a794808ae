/* Owns which changes are worth saying aloud: the milestones of a task, found by comparing two states.
   Leaves how they are said to headlines.js, and saying them to announcer.js.
   The danger is noise: progress moves five times a second, and only its quarters are news. */

import { isFinished } from "./tasks.js";

const QUARTERS = [75, 50, 25];

/** Milestones between two states, as [{kind, task}]. Kinds: queued, started, quarter, succeeded, failed,
    canceled, putback. Without `before` (the first snapshot) nothing is news. */
export function milestones(before, after) {
  const found = [];
  for (const task of after.values()) {
    const known = before.get(task.task_id);
    if (known === task) continue;
    const kind = known ? change(known, task) : arrival(task);
    if (kind) found.push({ kind, task });
  }
  return found;
}

function arrival(task) {
  return task.status === "queued" && !task.retry_of ? "queued" : null;
}

function change(known, task) {
  if (known.status !== task.status) return moved(known, task);
  const both = known.progress !== null; // what nobody knew meanwhile may have been told before
  if (task.status === "processing" && both && quarter(task) > quarter(known)) return "quarter";
  return null;
}

function moved(known, task) {
  if (isFinished(task)) return task.status;
  if (task.status === "processing") return "started";
  return known.status === "processing" ? "putback" : null;
}

/** The quarter that a task has passed: 0, 25, 50 or 75. */
export function quarter(task) {
  return QUARTERS.find((mark) => task.progress >= mark) ?? 0;
}
