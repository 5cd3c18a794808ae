/* Owns the French words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("fr");

export default {
  title: "Une vidéo à regarder, pour vous",
  titleOfSeveral: (n) => plural(n, { one: "# vidéo à regarder, pour vous", many: "# de vidéos à regarder, pour vous", other: "# vidéos à regarder, pour vous" }),
  waiting: "Pas encore prête à regarder",
  coming: (n) => plural(n, {
    one: "# vidéo est encore en cours. Elle apparaît ici dès qu’elle est prête.",
    many: "# de vidéos sont encore en cours. Chacune apparaît ici dès qu’elle est prête.",
    other: "# vidéos sont encore en cours. Chacune apparaît ici dès qu’elle est prête.",
  }),
  more: (n) => plural(n, {
    one: "# autre est encore en cours et apparaîtra ici.",
    many: "# d’autres sont encore en cours et apparaîtront ici.",
    other: "# autres sont encore en cours et apparaîtront ici.",
  }),
  list: "Les vidéos",
  previous: "Précédente",
  next: "Suivante",
  place: (n, all) => `${number(n)} sur ${number(all)}`,
  video: (n, seconds) => `Vidéo ${number(n)}, ${plural(seconds, { one: "# seconde", many: "# de secondes", other: "# secondes" })}`,
  none: "Il n’y a pas de vidéo à regarder ici",
  unknown: "Ce lien de visionnage n’existe pas. Vérifiez que son adresse est complète.",
};
