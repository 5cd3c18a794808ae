/* Owns the Portuguese words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("pt");

export default {
  title: "Um vídeo para você assistir",
  titleOfSeveral: (n) => plural(n, { one: "# vídeo para você assistir", many: "# de vídeos para você assistir", other: "# vídeos para você assistir" }),
  waiting: "Ainda não dá para assistir",
  coming: (n) => plural(n, {
    one: "# vídeo ainda está sendo feito. Ele aparece aqui assim que ficar pronto.",
    many: "# de vídeos ainda estão sendo feitos. Cada um aparece aqui assim que ficar pronto.",
    other: "# vídeos ainda estão sendo feitos. Cada um aparece aqui assim que ficar pronto.",
  }),
  more: (n) => plural(n, {
    one: "Mais # ainda está sendo feito e aparecerá aqui.",
    many: "Mais # ainda estão sendo feitos e aparecerão aqui.",
    other: "Mais # ainda estão sendo feitos e aparecerão aqui.",
  }),
  list: "Os vídeos",
  previous: "Anterior",
  next: "Próximo",
  place: (n, all) => `${number(n)} de ${number(all)}`,
  video: (n, seconds) => `Vídeo ${number(n)}, ${plural(seconds, { one: "# segundo", many: "# de segundos", other: "# segundos" })}`,
  none: "Não há vídeo para assistir aqui",
  unknown: "Este link não existe. Confira se o endereço está completo.",
};
