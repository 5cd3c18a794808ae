/* Owns which videos the wall shows and in which order: pure functions from what the page knows and what is looked for.
   Leaves asking the server for the others to listing.js, groups to groups.js.
   The danger is two truths: what a word is found in and what is alike in it, the server does the same way
   (leyline/line/videos.py), or a video would be there until the server's answer, and gone after it. */

export const SORTS = ["newest", "oldest", "name", "length"];

/** How videos are looked through before anybody has chosen: all, the newest first. */
export const EVERYTHING = { search: "", sort: "newest" };

const made = ({ finished_at: at }) => at ?? "";
const called = ({ image }) => (image?.name ?? "").replace(/[A-Z]/g, (letter) => letter.toLowerCase()); // as SQLite's NOCASE
const lasts = ({ video }) => video?.seconds ?? 0;
const by = (key) => (a, b) => { const [one, other] = [key(a), key(b)]; return one < other ? -1 : one > other ? 1 : 0; };
const ORDERS = { newest: (a, b) => by(made)(b, a), oldest: by(made), name: by(called), length: (a, b) => by(lasts)(b, a) };

/** A text without what people leave out where they search: capitals, accents, how letters are encoded. */
export const plain = (text) => text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();

/** The words that are looked for, as `plain` has them. */
export const wordsOf = (search) => plain(search).split(/\s+/).filter(Boolean);

/* A task never changes: another version of it is another object. */
const texts = new WeakMap();

function textOf(task) {
  if (!texts.has(task)) texts.set(task, plain([task.image?.name ?? "", ...prompts(task)].join("\n")));
  return texts.get(task);
}

/** What was written for the model: the prompt, or else all texts that were chosen. */
function prompts({ parameters }) {
  const { prompt } = parameters ?? {};
  return typeof prompt === "string" ? [prompt] : Object.values(parameters ?? {}).filter((value) => typeof value === "string");
}

/** Whether this is one of the videos that the wall is of: finished, kept, and not in the trash. */
export const isVideo = ({ status, video_url: url, trashed_at: trashed }) => status === "succeeded" && Boolean(url) && !trashed;

/** The videos to be shown, in their order, of all `tasks` that are known. Where more have not been told yet, only as far
    as the server has: `reached` is the last that it named (null: none yet), or "all". What has come meanwhile is among them. */
export function found(tasks, { search, sort }, reached) {
  const words = wordsOf(search);
  const order = ORDERS[sort];
  const has = (task) => isVideo(task) && words.every((word) => textOf(task).includes(word));
  const list = [...tasks.values()].filter(has).sort(order);
  if (reached === "all" || (!reached && sort === "newest")) return list;
  return reached ? list.filter((task) => order(task, reached) <= 0) : [];
}
