/* Owns the Spanish words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("es");

export default {
  title: "Un vídeo para ti",
  titleOfSeveral: (n) => plural(n, { one: "# vídeo para ti", many: "# de vídeos para ti", other: "# vídeos para ti" }),
  waiting: "Aún no se puede ver",
  coming: (n) => plural(n, {
    one: "# vídeo se está creando. Aparece aquí en cuanto esté listo.",
    many: "# de vídeos se están creando. Cada uno aparece aquí en cuanto esté listo.",
    other: "# vídeos se están creando. Cada uno aparece aquí en cuanto esté listo.",
  }),
  more: (n) => plural(n, {
    one: "# más se está creando y aparecerá aquí.",
    many: "# más se están creando y aparecerán aquí.",
    other: "# más se están creando y aparecerán aquí.",
  }),
  list: "Los vídeos",
  previous: "Anterior",
  next: "Siguiente",
  place: (n, all) => `${number(n)} de ${number(all)}`,
  video: (n, seconds) => `Vídeo ${number(n)}, ${plural(seconds, { one: "# segundo", many: "# de segundos", other: "# segundos" })}`,
  none: "Aquí no hay ningún vídeo que ver",
  unknown: "Este enlace no existe. Comprueba que la dirección esté completa.",
};
