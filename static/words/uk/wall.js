/* Owns the Ukrainian words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("uk");
const days = (n) => plural(n, { one: "# день", few: "# дні", many: "# днів", other: "# дня" });

export default {
  search: "Шукати в назвах і побажаннях",
  sort: "Порядок",
  sorts: {
    newest: "Спершу найновіші",
    oldest: "Спершу найстаріші",
    name: "За назвою",
    length: "Спершу найдовші",
  },
  group: "Групи",
  groups: {
    day: "За днями",
    batch: "Надіслані разом",
    none: "Без груп",
  },
  today: "Сьогодні",
  yesterday: "Учора",
  together: (n, when) => `${number(n)} відео, надіслані разом ${when}`,
  alone: (when) => `Надіслані по одному, ${when}`,
  kept: (n) => `Відео зберігається ${days(n)}; закріплене, доки ви його не відкріпите.`,
  keptForRoom: (n) => `Відео зберігається ${days(n)} або менше, якщо місце потрібне іншим; закріплене, доки ви його не відкріпите.`,
  room: "Відео зберігається, доки місце не знадобиться іншим; закріплене, доки ви його не відкріпите.",
  forEver: "Відео зберігаються, доки ви їх не видалите.",
  watch: (name) => `Дивитися ${name}`,
  length: (seconds) => `${number(seconds)}\u00a0с`,
  select: (name) => `Вибрати ${name}`,
  choose: "Вибрати",
  selected: (n) => `Вибрано ${number(n)}`,
  all: (n) => `Вибрати всі (${number(n)})`,
  most: (n) => `За раз можна вибрати щонайбільше ${number(n)}.`,
  end: "Завершити вибір",
  send: "Надіслати ще раз",
  share: "Поділитися",
  empty: "Тут будуть ваші готові відео.",
  none: (search) => `Жодне відео не має «${search}» у назві чи побажанні.`,
  looking: "Пошук інших…",
  found: (n) => `Знайдено ${number(n)} відео`,
  pinned: (n, total) => (n < total ? `Закріплено ${number(n)} з ${number(total)} відео.` : `Закріплено ${number(n)} відео.`),
  unpinned: (n, total) => (n < total ? `Відкріплено ${number(n)} з ${number(total)} відео.` : `Відкріплено ${number(n)} відео.`),
  sentAgain: (n, total) => (n < total ? `Надіслано ще раз ${number(n)} з ${number(total)} відео.` : `Надіслано ще раз ${number(n)} відео.`),
};
