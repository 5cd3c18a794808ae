/* Owns the Ukrainian words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("uk");

export default {
  told: "Ви дізнаєтеся, навіть коли цю сторінку закрито.",
  openOnly: "Цей браузер може сповістити лише поки ця сторінка відкрита.",
  notShared: "Зображення, якими ви поділилися, не надійшли. Поділіться ще раз.",
  leftOut: (n) => `Пропущено ${plural(n, { one: "# зображення", few: "# зображення", many: "# зображень", other: "# зображення" })}: це більше, ніж можна поширити за раз.`,
};
