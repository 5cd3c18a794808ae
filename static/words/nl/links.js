/* Owns the Dutch words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("nl");

export default {
  title: (name) => `Links om ${name} te bekijken`,
  intro: "Wie een link heeft, kan deze ene video bekijken en verder niets.",
  titleOfSeveral: (n) => plural(n, { one: "Eén link om # video te bekijken", other: "Eén link om # video’s te bekijken" }),
  introOfSeveral: "Wie de link heeft, kan deze video’s na elkaar bekijken en verder niets. Wat nog gemaakt wordt, komt er vanzelf bij.",
  earlier: "Je links naar meer video’s",
  shows: (n) => plural(n, { one: "# video", other: "# video’s" }),
  message: "Een regel van jou erbij (niet verplicht)",
  poster: "Wat te zien is voor het afspelen, en in een chat",
  posters: { none: "Niets", blurred: "Wazig", clear: "De afbeelding" },
  make: "Een link maken",
  copy: "Kopiëren",
  copied: "De link is gekopieerd.",
  share: "Delen",
  revoke: "Intrekken",
  none: "Er is nog geen link.",
  address: "Adres",
  hidden: "Het adres is één keer getoond, toen de link werd gemaakt",
  until: (date) => `geldig tot ${date}`,
  ended: "is verlopen",
  label: "Voor wie hij is (staat over de video, niet verplicht)",
  burn: "Dat in het beeld schrijven (duurt even bij de eerste weergave)",
  days: "Hoeveel dagen hij geldig is",
  most: "Hoe vaak er gekeken mag worden (leeg: onbeperkt)",
  views: (n, most) => (most ? `${number(n)} van hoogstens ${number(most)} keer bekeken` : n ? `${number(n)}\u00a0keer bekeken` : "nog niet bekeken"),
};
