/* Owns the Arabic words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("ar");
const apart = (text) => `\u2068${text}\u2069`;

export default {
  among: "بين صورك",
  first: "الأولى",
  up: "للأعلى",
  down: "للأسفل",
  last: "الأخيرة",
  to: {
    first: "قبل كل صورك",
    up: "إلى الأمام بواحدة من صورك",
    down: "إلى الخلف بواحدة من صورك",
    last: "بعد كل صورك",
  },
  problems: {
    line_moved: "تغيّر الصف في هذه الأثناء. حاول مرة أخرى.",
    task_not_waiting: "لم تعد تلك الصورة تنتظر.",
    too_far: "بينهما كثير من صورك. انقلها على خطوتين.",
  },
  stands: (name, position, size, place, of) => `${apart(name)} الآن ${number(position)} من ${number(size)} في الصف، و${number(place)} من صورك ${number(of)}.`,
};
