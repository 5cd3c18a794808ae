/* Owns the Spanish words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("es");

export default {
  told: "Se te avisará aunque esta página esté cerrada.",
  openOnly: "Este navegador solo puede avisarte mientras esta página esté abierta.",
  notShared: "Las imágenes que compartiste no llegaron. Compártelas otra vez.",
  leftOut: (n) => plural(n, { one: "# imagen se dejó fuera: era más de lo que se puede compartir a la vez.", many: "# de imágenes se dejaron fuera: eran más de las que se pueden compartir a la vez.", other: "# imágenes se dejaron fuera: eran más de las que se pueden compartir a la vez." }),
};
