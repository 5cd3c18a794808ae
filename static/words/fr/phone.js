/* Owns the French words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("fr");

export default {
  told: "Vous serez prévenu même quand cette page est fermée.",
  openOnly: "Ce navigateur ne peut vous prévenir que tant que cette page est ouverte.",
  notShared: "Les images que vous avez partagées ne sont pas arrivées. Partagez-les encore une fois.",
  leftOut: (n) => plural(n, { one: "# image a été laissée de côté\u00a0: c’était plus que ce qui se partage en une fois.", many: "# d’images ont été laissées de côté\u00a0: c’était plus que ce qui se partage en une fois.", other: "# images ont été laissées de côté\u00a0: c’était plus que ce qui se partage en une fois." }),
};
