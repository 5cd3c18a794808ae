/* Owns the Dutch words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("nl");

export default {
  title: "Een video voor jou om te bekijken",
  titleOfSeveral: (n) => plural(n, { one: "# video voor jou om te bekijken", other: "# video’s voor jou om te bekijken" }),
  waiting: "Nog niet te bekijken",
  coming: (n) => plural(n, {
    one: "# video wordt nog gemaakt. Hij verschijnt hier zodra hij klaar is.",
    other: "# video’s worden nog gemaakt. Elk verschijnt hier zodra die klaar is.",
  }),
  more: (n) => plural(n, { one: "Nog # wordt gemaakt en verschijnt hier.", other: "Nog # worden gemaakt en verschijnen hier." }),
  list: "De video’s",
  previous: "Vorige",
  next: "Volgende",
  place: (n, all) => `${number(n)} van ${number(all)}`,
  video: (n, seconds) => `Video ${number(n)}, ${plural(seconds, { one: "# seconde", other: "# seconden" })}`,
  none: "Hier is geen video te bekijken",
  unknown: "Deze link bestaat niet. Kijk of het adres volledig is.",
};
