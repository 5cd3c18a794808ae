/* Owns the Dutch words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("nl");
const videos = (n) => plural(n, { one: "# video", other: "# video’s" });
const days = (n) => plural(n, { one: "# dag", other: "# dagen" });

export default {
  search: "Zoeken in namen en wensen",
  sort: "Volgorde",
  sorts: {
    newest: "Nieuwste eerst",
    oldest: "Oudste eerst",
    name: "Op naam",
    length: "Langste eerst",
  },
  group: "Groepen",
  groups: {
    day: "Per dag",
    batch: "Samen gestuurd",
    none: "Geen groepen",
  },
  today: "Vandaag",
  yesterday: "Gisteren",
  together: (n, when) => `${videos(n)}, samen gestuurd ${when}`,
  alone: (when) => `Een voor een gestuurd, ${when}`,
  kept: (n) => `Een video wordt ${days(n)} bewaard; een die je vastzet, tot je hem losmaakt.`,
  keptForRoom: (n) => `Een video wordt ${days(n)} bewaard, of korter als anderen de ruimte nodig hebben; een die je vastzet, tot je hem losmaakt.`,
  room: "Een video wordt bewaard tot anderen de ruimte nodig hebben; een die je vastzet, tot je hem losmaakt.",
  forEver: "Video’s worden bewaard tot je ze verwijdert.",
  watch: (name) => `${name} bekijken`,
  length: (seconds) => `${number(seconds)}\u00a0s`,
  select: (name) => `${name} selecteren`,
  choose: "Selecteren",
  selected: (n) => `${number(n)} geselecteerd`,
  all: (n) => `Alle ${number(n)} selecteren`,
  most: (n) => `Er kunnen er niet meer dan ${number(n)} tegelijk worden geselecteerd.`,
  end: "Selectie beëindigen",
  send: "Opnieuw sturen",
  share: "Delen",
  empty: "Hier komen je afgeronde video’s.",
  none: (search) => `Geen video heeft ‘${search}’ in zijn naam of wens.`,
  looking: "Meer wordt gezocht…",
  found: (n) => `${videos(n)} gevonden`,
  pinned: (n, total) => (n < total ? `${number(n)} van ${videos(total)} vastgezet.` : `${videos(n)} vastgezet.`),
  unpinned: (n, total) => (n < total ? `${number(n)} van ${videos(total)} losgemaakt.` : `${videos(n)} losgemaakt.`),
  sentAgain: (n, total) => (n < total ? `${number(n)} van ${videos(total)} opnieuw gestuurd.` : `${videos(n)} opnieuw gestuurd.`),
};
