/* Owns the Ukrainian words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("uk");
const pictures = (n) => plural(n, { one: "# зображення", few: "# зображення", many: "# зображень", other: "# зображення" });

export default {
  next: "Наступні зображення:",
  suggested: "як пропонує модель",
  ownSuggested: "Як пропонує модель",
  reset: "Повернутися до того, що пропонує модель",
  left: (n) => `залишилося ${number(n)}`,
  anySeed: "щоразу інше",
  newSeed: "Щоразу інше",
  yes: "увімк.",
  no: "вимк.",
  off: (title) => `${title}: вимк.`,
  copy: "Копіювати налаштування",
  copied: (name) => `Наступні зображення матимуть налаштування ${name}.`,
  title: (name) => `Надіслати ще раз ${name}`,
  send: "Надіслати ще раз",
  leave: "Залишити",
  mend: (n) => `Із цими налаштуваннями не вдалося надіслати ${pictures(n)}. Позначене треба змінити.`,
  resend: (n) => `Надіслати ${pictures(n)} з цими налаштуваннями`,
};
