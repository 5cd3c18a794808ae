/* Owns the Arabic words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("ar");

export default {
  title: "مقطع لتشاهده",
  titleOfSeveral: (n) => `${plural(n, { zero: "لا مقاطع", one: "مقطع واحد", two: "مقطعان", few: "# مقاطع", many: "# مقطعًا", other: "# مقطع" })} لتشاهدها`,
  waiting: "ليس جاهزًا للمشاهدة بعد",
  coming: (n) => `${plural(n, { zero: "لا مقاطع", one: "مقطع واحد", two: "مقطعان", few: "# مقاطع", many: "# مقطعًا", other: "# مقطع" })} قيد الإنشاء. يظهر كل منها هنا حالما يجهز.`,
  more: (n) => `${plural(n, { zero: "لا مقاطع أخرى", one: "مقطع آخر", two: "مقطعان آخران", few: "# مقاطع أخرى", many: "# مقطعًا آخر", other: "# مقطع آخر" })} قيد الإنشاء، وستظهر هنا.`,
  list: "المقاطع",
  previous: "السابق",
  next: "التالي",
  place: (n, all) => `${number(n)} من ${number(all)}`,
  video: (n, seconds) => `المقطع ${number(n)}، ${plural(seconds, { zero: "أقل من ثانية", one: "ثانية واحدة", two: "ثانيتان", few: "# ثوانٍ", many: "# ثانية", other: "# ثانية" })}`,
  none: "لا يوجد مقطع لمشاهدته هنا",
  unknown: "لا يوجد رابط مشاهدة كهذا. تأكد من اكتمال عنوانه.",
};
