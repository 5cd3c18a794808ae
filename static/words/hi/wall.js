/* Owns the Hindi words of the wall of videos. */

import { counting } from "../counting.js";

const { number } = counting("hi");

export default {
  search: "नाम और इच्छा में खोजें",
  sort: "क्रम",
  sorts: {
    newest: "सबसे नए पहले",
    oldest: "सबसे पुराने पहले",
    name: "नाम से",
    length: "सबसे लंबे पहले",
  },
  group: "समूह",
  groups: {
    day: "दिन से",
    batch: "साथ भेजे गए",
    none: "बिना समूह",
  },
  today: "आज",
  yesterday: "कल",
  together: (n, when) => `${number(n)} वीडियो, साथ भेजे गए ${when}`,
  alone: (when) => `एक-एक करके भेजे गए, ${when}`,
  kept: (n) => `वीडियो ${number(n)} दिन रखा जाता है; पिन किया हुआ, जब तक आप पिन न हटाएँ।`,
  keptForRoom: (n) => `वीडियो ${number(n)} दिन रखा जाता है, या दूसरों को जगह चाहिए तो कम; पिन किया हुआ, जब तक आप पिन न हटाएँ।`,
  room: "वीडियो तब तक रखा जाता है जब तक दूसरों को जगह न चाहिए; पिन किया हुआ, जब तक आप पिन न हटाएँ।",
  forEver: "वीडियो तब तक रखे जाते हैं जब तक आप उन्हें न हटाएँ।",
  watch: (name) => `${name} देखें`,
  length: (seconds) => `${number(seconds)}\u00a0से॰`,
  select: (name) => `${name} चुनें`,
  choose: "चुनें",
  selected: (n) => `${number(n)} चुने गए`,
  all: (n) => `सभी ${number(n)} चुनें`,
  most: (n) => `एक बार में ${number(n)} से ज़्यादा नहीं चुने जा सकते।`,
  end: "चुनना समाप्त करें",
  send: "फिर से भेजें",
  share: "साझा करें",
  empty: "आपके तैयार वीडियो यहाँ होंगे।",
  none: (search) => `किसी वीडियो के नाम या इच्छा में “${search}” नहीं है।`,
  looking: "और खोज रहे हैं…",
  found: (n) => `${number(n)} वीडियो मिले`,
  pinned: (n, total) => (n < total ? `${number(total)} में से ${number(n)} वीडियो पिन हुए।` : `${number(n)} वीडियो पिन हुए।`),
  unpinned: (n, total) => (n < total ? `${number(total)} में से ${number(n)} वीडियो की पिन हटी।` : `${number(n)} वीडियो की पिन हटी।`),
  sentAgain: (n, total) => (n < total ? `${number(total)} में से ${number(n)} वीडियो फिर भेजे गए।` : `${number(n)} वीडियो फिर भेजे गए।`),
};
