/* Owns the Arabic words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("ar");
const apart = (text) => `\u2068${text}\u2069`;

export default {
  title: (name) => `روابط مشاهدة ${apart(name)}`,
  intro: "من لديه رابط يستطيع مشاهدة هذا المقطع وحده، ولا شيء غيره.",
  titleOfSeveral: (n) => `رابط واحد لمشاهدة ${plural(n, { zero: "لا شيء", one: "مقطع واحد", two: "مقطعين", few: "# مقاطع", many: "# مقطعًا", other: "# مقطع" })}`,
  introOfSeveral: "من لديه الرابط يستطيع مشاهدة هذه المقاطع واحدًا بعد الآخر، ولا شيء غيرها. وما زال قيد الإنشاء ينضم وحده.",
  earlier: "روابطك إلى عدة مقاطع",
  shows: (n) => plural(n, { zero: "لا مقاطع", one: "مقطع واحد", two: "مقطعان", few: "# مقاطع", many: "# مقطعًا", other: "# مقطع" }),
  message: "كلمة منك لهم (اختياري)",
  poster: "ما يُرى قبل التشغيل، وفي محادثة",
  posters: { none: "لا شيء", blurred: "مموّهة", clear: "الصورة" },
  make: "إنشاء رابط",
  copy: "نسخ",
  copied: "نُسخ الرابط.",
  share: "مشاركة",
  revoke: "إلغاء الرابط",
  none: "لا يوجد رابط بعد.",
  address: "العنوان",
  hidden: "عُرض العنوان مرة واحدة، عند إنشاء الرابط",
  until: (date) => `صالح حتى ${apart(date)}`,
  ended: "انتهى",
  label: "لمن هو (يظهر فوق المقطع، اختياري)",
  burn: "طباعة ذلك في الصورة (يستغرق لحظة عند أول مشاهدة)",
  days: "كم يومًا يبقى صالحًا",
  most: "كم مرة يمكن مشاهدته (فارغ: بلا حد)",
  views: (n, most) => (most ? `شوهد ${number(n)} من ${number(most)} على الأكثر`
    : n ? plural(n, { zero: "لم يُشاهد", one: "شوهد مرة واحدة", two: "شوهد مرتين", few: "شوهد # مرات", many: "شوهد # مرة", other: "شوهد # مرة" })
      : "لم يُشاهد بعد"),
};
