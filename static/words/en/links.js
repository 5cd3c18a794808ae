/* Owns the English words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("en");

export default {
  title: (name) => `Viewing links for ${name}`,
  titleOfSeveral: (n) => plural(n, { one: "One viewing link for a video", other: "One viewing link for # videos" }),
  intro: "Whoever has a link can watch this one video, and nothing else.",
  introOfSeveral: "Whoever has the link can watch these videos one after the other, and nothing else. Those that are still being made join by themselves.",
  earlier: "Your links to several videos",
  shows: (n) => plural(n, { one: "one video", other: "# videos" }),
  message: "Your line for them (optional)",
  poster: "What they see before it plays, and in a chat",
  posters: { none: "Nothing", blurred: "Blurred", clear: "The picture" },
  make: "Make a link",
  share: "Share",
  copy: "Copy",
  copied: "The link is copied.",
  revoke: "Revoke",
  none: "There is no link yet.",
  address: "Link",
  hidden: "The address was shown once, when the link was made",
  until: (date) => `works until ${date}`,
  ended: "has ended",
  label: "Who it is for (shown over the video, optional)",
  burn: "Burn that into the picture (takes a moment at the first viewing)",
  days: "How many days it works",
  most: "How often it may be watched (empty: without limit)",
  views: (n, most) => (most ? `watched ${number(n)} of at most ${number(most)} times`
    : n ? plural(n, { one: "watched once", other: "watched # times" }) : "not watched yet"),
};
