/* Owns the English words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("en");
const videos = (n) => plural(n, { one: "# video", other: "# videos" });
const days = (n) => plural(n, { one: "# day", other: "# days" });

export default {
  search: "Search names and prompts",
  sort: "Order",
  sorts: { newest: "Newest first", oldest: "Oldest first", name: "By name", length: "Longest first" },
  group: "Groups",
  groups: { day: "By day", batch: "Sent together", none: "No groups" },
  today: "Today",
  yesterday: "Yesterday",
  together: (n, when) => `${videos(n)}, sent together ${when}`,
  alone: (when) => `Sent one by one, ${when}`,
  kept: (n) => `A video is kept for ${days(n)}; one that you pin, until you unpin it.`,
  keptForRoom: (n) =>
    `A video is kept for ${days(n)}, or less where others need the room; one that you pin, until you unpin it.`,
  room: "A video is kept until others need the room; one that you pin, until you unpin it.",
  forEver: "Videos are kept until you delete them.",
  watch: (name) => `Watch ${name}`,
  length: (seconds) => `${number(seconds)}\u00a0s`,
  select: (name) => `Select ${name}`,
  choose: "Select",
  selected: (n) => `${number(n)} selected`,
  all: (n) => `Select all ${number(n)}`,
  most: (n) => `No more than ${number(n)} can be selected at once.`,
  end: "End the selection",
  send: "Send again",
  share: "Share",
  empty: "Your finished videos will be here.",
  none: (search) => `No video has “${search}” in its name or prompt.`,
  looking: "Looking for more…",
  found: (n) => `${videos(n)} found`,
  /* What was done with all of a selection, or with some where the rest was refused. */
  pinned: (n, total) => (n < total ? `${number(n)} of ${videos(total)} pinned.` : `${videos(n)} pinned.`),
  unpinned: (n, total) => (n < total ? `${number(n)} of ${videos(total)} unpinned.` : `${videos(n)} unpinned.`),
  sentAgain: (n, total) => (n < total ? `${number(n)} of ${videos(total)} sent again.` : `${videos(n)} sent again.`),
};
