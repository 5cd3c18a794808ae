/* Owns the Spanish words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("es");
const pictures = (n) => plural(n, { one: "# imagen", many: "# de imágenes", other: "# imágenes" });

export default {
  next: "Próximas imágenes:",
  suggested: "como propone el modelo",
  ownSuggested: "Como propone el modelo",
  reset: "Volver a lo que propone el modelo",
  left: (n) => `quedan ${number(n)}`,
  anySeed: "otra cada vez",
  newSeed: "Otra cada vez",
  yes: "sí",
  no: "no",
  off: (title) => `${title}: no`,
  copy: "Copiar los ajustes",
  copied: (name) => `Las próximas imágenes tendrán los ajustes de ${name}.`,
  title: (name) => `Enviar ${name} otra vez`,
  send: "Enviar otra vez",
  leave: "Dejarlo",
  mend: (n) => `${plural(n, { one: "# imagen no se pudo enviar", many: "# de imágenes no se pudieron enviar", other: "# imágenes no se pudieron enviar" })} con estos ajustes. Hay que cambiar lo que está marcado.`,
  resend: (n) => `Enviar ${pictures(n)} con estos ajustes`,
};
