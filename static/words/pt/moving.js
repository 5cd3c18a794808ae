/* Owns the Portuguese words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("pt");

export default {
  among: "Entre as suas",
  first: "Primeira",
  up: "Subir",
  down: "Descer",
  last: "Última",
  to: {
    first: "Antes de todas as suas",
    up: "Uma das suas à frente",
    down: "Uma das suas atrás",
    last: "Atrás de todas as suas",
  },
  problems: {
    line_moved: "A fila mudou nesse meio-tempo. Tente de novo.",
    task_not_waiting: "Essa imagem não espera mais.",
    too_far: "Há imagens suas demais no meio. Mova em duas vezes.",
  },
  stands: (name, position, size, place, of) => `${name} agora é ${number(position)} de ${number(size)} na fila, ${number(place)} das suas ${number(of)}.`,
};
