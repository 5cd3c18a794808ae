/* Owns the Polish words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("pl");

export default {
  title: "Film dla Ciebie do obejrzenia",
  titleOfSeveral: (n) => plural(n, { one: "# film dla Ciebie do obejrzenia", few: "# filmy dla Ciebie do obejrzenia", many: "# filmów dla Ciebie do obejrzenia", other: "# filmu dla Ciebie do obejrzenia" }),
  waiting: "Jeszcze nie można obejrzeć",
  coming: (n) => plural(n, {
    one: "# film jeszcze powstaje. Pojawi się tu, gdy tylko będzie gotowy.",
    few: "# filmy jeszcze powstają. Każdy pojawi się tu, gdy tylko będzie gotowy.",
    many: "# filmów jeszcze powstaje. Każdy pojawi się tu, gdy tylko będzie gotowy.",
    other: "# filmu jeszcze powstaje. Pojawi się tu, gdy tylko będzie gotowy.",
  }),
  more: (n) => plural(n, {
    one: "Jeszcze # powstaje i pojawi się tutaj.",
    few: "Jeszcze # powstają i pojawią się tutaj.",
    many: "Jeszcze # powstaje i pojawi się tutaj.",
    other: "Jeszcze # powstaje i pojawi się tutaj.",
  }),
  list: "Filmy",
  previous: "Poprzedni",
  next: "Następny",
  place: (n, all) => `${number(n)} z ${number(all)}`,
  video: (n, seconds) => `Film ${number(n)}, ${plural(seconds, { one: "# sekunda", few: "# sekundy", many: "# sekund", other: "# sekundy" })}`,
  none: "Nie ma tu filmu do obejrzenia",
  unknown: "Taki link nie istnieje. Sprawdź, czy adres jest pełny.",
};
