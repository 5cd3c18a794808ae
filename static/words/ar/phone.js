/* Owns the Arabic words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("ar");

export default {
  told: "سيصلك الخبر حتى عندما تكون هذه الصفحة مغلقة.",
  openOnly: "لا يستطيع هذا المتصفح إخبارك إلا ما دامت هذه الصفحة مفتوحة.",
  notShared: "لم تصل الصور التي شاركتها. شاركها مرة أخرى.",
  leftOut: (n) => `استُبعد ما زاد على ما يمكن مشاركته دفعة واحدة: ${plural(n, { zero: "لا صور", one: "صورة واحدة", two: "صورتان", few: "# صور", many: "# صورة", other: "# صورة" })}.`,
};
