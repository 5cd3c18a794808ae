/* Owns the Polish words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("pl");
const videos = (n) => plural(n, { one: "# film", few: "# filmy", many: "# filmów", other: "# filmu" });
const days = (n) => plural(n, { one: "# dzień", few: "# dni", many: "# dni", other: "# dnia" });

export default {
  search: "Szukaj w nazwach i życzeniach",
  sort: "Kolejność",
  sorts: {
    newest: "Od najnowszych",
    oldest: "Od najstarszych",
    name: "Według nazwy",
    length: "Od najdłuższych",
  },
  group: "Grupy",
  groups: {
    day: "Według dnia",
    batch: "Wysłane razem",
    none: "Bez grup",
  },
  today: "Dzisiaj",
  yesterday: "Wczoraj",
  together: (n, when) => `${videos(n)}, wysłane razem: ${when}`,
  alone: (when) => `Wysłane pojedynczo, ${when}`,
  kept: (n) => `Film jest przechowywany ${days(n)}; przypięty, aż go odepniesz.`,
  keptForRoom: (n) => `Film jest przechowywany ${days(n)} lub krócej, gdy inni potrzebują miejsca; przypięty, aż go odepniesz.`,
  room: "Film jest przechowywany, aż inni będą potrzebować miejsca; przypięty, aż go odepniesz.",
  forEver: "Filmy są przechowywane, aż je usuniesz.",
  watch: (name) => `Obejrzyj ${name}`,
  length: (seconds) => `${number(seconds)}\u00a0s`,
  select: (name) => `Zaznacz ${name}`,
  choose: "Zaznacz",
  selected: (n) => `Zaznaczono: ${number(n)}`,
  all: (n) => `Zaznacz wszystkie (${number(n)})`,
  most: (n) => `Naraz można zaznaczyć najwyżej ${number(n)}.`,
  end: "Zakończ zaznaczanie",
  send: "Wyślij ponownie",
  share: "Udostępnij",
  empty: "Tu będą Twoje gotowe filmy.",
  none: (search) => `Żaden film nie ma „${search}” w nazwie ani w życzeniu.`,
  looking: "Szukanie kolejnych…",
  found: (n) => `Znaleziono ${videos(n)}`,
  pinned: (n, total) => (n < total ? `Przypięto: ${number(n)} z ${number(total)}.` : `Przypięto ${videos(n)}.`),
  unpinned: (n, total) => (n < total ? `Odpięto: ${number(n)} z ${number(total)}.` : `Odpięto ${videos(n)}.`),
  sentAgain: (n, total) => (n < total ? `Wysłano ponownie: ${number(n)} z ${number(total)}.` : `Wysłano ponownie ${videos(n)}.`),
};
