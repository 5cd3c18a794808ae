/* Owns the English words of the dialog of viewing links. */

export default {
  title: (name) => `Viewing links for ${name}`,
  intro: "Whoever has a link can watch this one video, and nothing else.",
  make: "Make a link",
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
  views: (n, most) => (most ? `watched ${n} of at most ${most} times` : n ? `watched ${n === 1 ? "once" : `${n} times`}` : "not watched yet"),
};
