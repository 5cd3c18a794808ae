/* Owns the Spanish words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("es");

export default {
  among: "Entre las tuyas",
  first: "Primera",
  up: "Subir",
  down: "Bajar",
  last: "Última",
  to: {
    first: "Delante de todas las tuyas",
    up: "Una de las tuyas más adelante",
    down: "Una de las tuyas más atrás",
    last: "Detrás de todas las tuyas",
  },
  problems: {
    line_moved: "La cola ha cambiado entretanto. Inténtalo otra vez.",
    task_not_waiting: "Esa imagen ya no espera.",
    too_far: "Hay demasiadas imágenes tuyas en medio. Muévela en dos pasos.",
  },
  stands: (name, position, size, place, of) => `${name} está ahora en el puesto ${number(position)} de ${number(size)} de la cola, ${number(place)} de tus ${number(of)}.`,
};
