/* Owns the few seconds in which canceling what is being made can be thought better of: pure functions.
   Leaves asking the server to commands.js.
   The danger is a picture that is made to its end though somebody canceled it and left: a grace ends at once when the
   page is not seen any more. */

export const GRACE_MS = 5000;

/** Whether canceling this task is worth a grace: what the model has done so far would be lost. */
export const graceful = ({ status, cancel_requested: asked }) => status === "processing" && !asked;

/** What changes where this task will be canceled; nothing where it will be already. */
export function granted({ graces, clock }, task) {
  if (graces.has(task.task_id)) return {};
  return { graces: new Map(graces).set(task.task_id, clock.millis() + GRACE_MS), news: [{ kind: "grace", task }] };
}

/** The graces of tasks that `keep(id)` holds for; the same Map where that is all of them. */
export function still(graces, keep) {
  const kept = [...graces].filter(([id]) => keep(id));
  return kept.length === graces.size ? graces : new Map(kept);
}

/** How many seconds are left of this task's grace, counted down from 5; null where it has none. */
export function graceLeft({ graces, clock }, { task_id: id }) {
  const until = graces?.get(id);
  return until === undefined ? null : Math.min(GRACE_MS / 1000, Math.max(1, Math.ceil((until - clock.millis()) / 1000)));
}
