/* Owns what the short notices say: a pure function from a notice, as the state has it, to its text. */

import { explain, nameOf } from "../words/words.js";

const SAY = {
  away: ({ count }, words) => words.connection.away(count),
  asks: (_, words) => words.connection.asks,
  left_out: ({ count }, words) => (count ? words.intake.leftOut(count) : words.intake.nothing),
  canceled: ({ task }, words) => words.toasts.canceled(nameOf({ task }, words)),
  dropped: ({ drafts: [draft] }, words) => words.toasts.uploadCanceled(nameOf({ draft }, words)),
  deleted: sayDeleted,
  problem: ({ problem }, words) => (problem.code === "offline" ? words.toasts.offline : explain(problem, words)),
  not_loaded: (_, words) => words.toasts.notLoaded,
  said: ({ text }) => text,
  bell_denied: (_, words) => words.bell.denied,
};

/** A notice in words. */
export const noticeText = (notice, words) => SAY[notice.kind](notice, words);

/* Only what the server had can be in its trash. */
function sayDeleted({ tasks, drafts }, { toasts, ...words }) {
  const pictures = [...tasks.map((task) => ({ task })), ...drafts.map((draft) => ({ draft }))];
  const [one, several] = drafts.length ? [toasts.deleted, toasts.cleared] : [toasts.trashed, toasts.manyTrashed];
  return pictures.length === 1 ? one(nameOf(pictures[0], words)) : several(pictures.length);
}
