/* Owns the Arabic words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("ar");
const apart = (text) => `\u2068${text}\u2069`;
const videos = (n) =>
  plural(n, { zero: "لا مقاطع", one: "مقطع واحد", two: "مقطعان", few: "# مقاطع", many: "# مقطعًا", other: "# مقطع" });
const days = (n) =>
  plural(n, { zero: "أقل من يوم", one: "يومًا واحدًا", two: "يومين", few: "# أيام", many: "# يومًا", other: "# يوم" });

export default {
  search: "البحث في الأسماء والرغبات",
  sort: "الترتيب",
  sorts: {
    newest: "الأحدث أولًا",
    oldest: "الأقدم أولًا",
    name: "حسب الاسم",
    length: "الأطول أولًا",
  },
  group: "المجموعات",
  groups: {
    day: "حسب اليوم",
    batch: "أُرسلت معًا",
    none: "بلا مجموعات",
  },
  today: "اليوم",
  yesterday: "أمس",
  together: (n, when) => `${videos(n)}، أُرسلت معًا ${apart(when)}`,
  alone: (when) => `أُرسلت واحدة واحدة، ${apart(when)}`,
  kept: (n) => `يُحفظ المقطع ${days(n)}؛ والمثبَّت حتى تلغي تثبيته.`,
  keptForRoom: (n) => `يُحفظ المقطع ${days(n)}، أو أقل إن احتاج آخرون إلى المساحة؛ والمثبَّت حتى تلغي تثبيته.`,
  room: "يُحفظ المقطع حتى يحتاج آخرون إلى المساحة؛ والمثبَّت حتى تلغي تثبيته.",
  forEver: "تُحفظ المقاطع حتى تحذفها.",
  watch: (name) => `مشاهدة ${apart(name)}`,
  length: (seconds) => `${number(seconds)}\u00a0ث`,
  select: (name) => `تحديد ${apart(name)}`,
  choose: "تحديد",
  selected: (n) => `المحدد: ${number(n)}`,
  all: (n) => `تحديد الكل (${number(n)})`,
  most: (n) => `لا يمكن تحديد أكثر من ${number(n)} دفعة واحدة.`,
  end: "إنهاء التحديد",
  send: "إرسال مرة أخرى",
  share: "مشاركة",
  empty: "هنا تكون مقاطعك المكتملة.",
  none: (search) => `لا مقطع فيه «${apart(search)}» في اسمه أو رغبته.`,
  looking: "جارٍ البحث عن المزيد…",
  found: (n) => `عُثر على: ${videos(n)}`,
  pinned: (n, total) => (n < total ? `ثُبّت ${number(n)} من ${number(total)}.` : `ثُبّت: ${videos(n)}.`),
  unpinned: (n, total) => (n < total ? `أُلغي تثبيت ${number(n)} من ${number(total)}.` : `أُلغي تثبيت: ${videos(n)}.`),
  sentAgain: (n, total) => (n < total ? `أُرسل مرة أخرى ${number(n)} من ${number(total)}.` : `أُرسل مرة أخرى: ${videos(n)}.`),
};
