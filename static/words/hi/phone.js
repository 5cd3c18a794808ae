/* Owns the Hindi words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("hi");

export default {
  told: "यह पेज बंद होने पर भी आपको बताया जाएगा।",
  openOnly: "यह ब्राउज़र आपको तभी बता सकता है जब यह पेज खुला हो।",
  notShared: "आपकी साझा की गई तस्वीरें नहीं पहुँचीं। एक बार फिर साझा करें।",
  leftOut: (n) => plural(n, { one: "# तस्वीर छोड़ दी गई: एक बार में इतनी साझा नहीं हो सकतीं।", other: "# तस्वीरें छोड़ दी गईं: एक बार में इतनी साझा नहीं हो सकतीं।" }),
};
