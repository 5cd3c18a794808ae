/* Owns the English words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("en");

export default {
  title: "A video for you to watch",
  titleOfSeveral: (n) => plural(n, { one: "A video for you to watch", other: "# videos for you to watch" }),
  waiting: "Not ready to watch yet",
  coming: (n) => plural(n, {
    one: "The video is still being made. It appears here as soon as it is ready.",
    other: "# videos are still being made. Each appears here as soon as it is ready.",
  }),
  more: (n) => plural(n, { one: "One more is still being made, and will appear here.", other: "# more are still being made, and will appear here." }),
  list: "The videos",
  previous: "Previous",
  next: "Next",
  place: (n, all) => `${number(n)} of ${number(all)}`,
  video: (n, seconds) => `Video ${number(n)}, ${plural(seconds, { one: "one second", other: "# seconds" })}`,
  none: "There is no video to watch here",
  unknown: "There is no such viewing link. Check that its address is complete.",
};
