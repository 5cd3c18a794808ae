/* Owns the German words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("de");

export default {
  title: "Ein Video zum Ansehen für Sie",
  titleOfSeveral: (n) => plural(n, { one: "Ein Video zum Ansehen für Sie", other: "# Videos zum Ansehen für Sie" }),
  waiting: "Noch nicht so weit",
  coming: (n) => plural(n, {
    one: "Das Video wird noch gemacht. Es erscheint hier, sobald es fertig ist.",
    other: "# Videos werden noch gemacht. Jedes erscheint hier, sobald es fertig ist.",
  }),
  more: (n) => plural(n, { one: "Eines wird noch gemacht und erscheint dann hier.", other: "# weitere werden noch gemacht und erscheinen dann hier." }),
  list: "Die Videos",
  previous: "Zurück",
  next: "Weiter",
  place: (n, all) => `${number(n)} von ${number(all)}`,
  video: (n, seconds) => `Video ${number(n)}, ${plural(seconds, { one: "eine Sekunde", other: "# Sekunden" })}`,
  none: "Hier gibt es kein Video zu sehen",
  unknown: "Diesen Link gibt es nicht. Prüfen Sie, ob die Adresse vollständig ist.",
};
