/* Owns the English words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("en");

export default {
  told: "You will be told even when this page is closed.",
  openOnly: "This browser can tell you only while this page is open.",
  notShared: "The pictures that you shared did not arrive. Share them once more.",
  leftOut: (n) => plural(n, {
    one: "One picture was left out: that was more than can be shared at once.",
    other: "# pictures were left out: that was more than can be shared at once.",
  }),
};
