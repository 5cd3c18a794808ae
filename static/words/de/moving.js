/* Owns the German words for moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("de");

export default {
  among: "Unter Ihren",
  first: "Zuerst",
  up: "Vor",
  down: "Zurück",
  last: "Zuletzt",
  to: { first: "Vor alle Ihre", up: "Um eines Ihrer vor", down: "Um eines Ihrer zurück", last: "Hinter alle Ihre" },
  problems: {
    line_moved: "Die Reihe hat sich inzwischen geändert. Versuchen Sie es noch einmal.",
    task_not_waiting: "Dieses Bild wartet nicht mehr.",
    too_far: "Dazwischen stehen zu viele Ihrer Bilder. Verschieben Sie es in zwei Schritten.",
  },
  stands: (name, position, size, place, of) => 
    `${name}: jetzt Platz ${number(position)} von ${number(size)}, ${number(place)} von Ihren ${number(of)}.`,
};
