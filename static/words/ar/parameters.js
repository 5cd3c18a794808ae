/* Owns the Arabic words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("ar");
const apart = (text) => `\u2068${text}\u2069`;
const pictures = (n) =>
  plural(n, { zero: "لا صور", one: "صورة واحدة", two: "صورتين", few: "# صور", many: "# صورة", other: "# صورة" });

export default {
  next: "الصور التالية:",
  suggested: "كما يقترح النموذج",
  ownSuggested: "كما يقترح النموذج",
  reset: "العودة إلى ما يقترحه النموذج",
  left: (n) => `بقي ${number(n)}`,
  anySeed: "مختلفة كل مرة",
  newSeed: "مختلفة كل مرة",
  yes: "مفعّل",
  no: "متوقف",
  off: (title) => `${apart(title)}: متوقف`,
  copy: "نسخ الإعدادات",
  copied: (name) => `ستأخذ الصور التالية إعدادات ${apart(name)}.`,
  title: (name) => `إرسال ${apart(name)} مرة أخرى`,
  send: "إرسال مرة أخرى",
  leave: "تركها",
  mend: (n) => `تعذّر إرسال ${pictures(n)} بهذه الإعدادات. يجب تغيير ما هو مُعلَّم.`,
  resend: (n) => `إرسال ${pictures(n)} بهذه الإعدادات`,
};
