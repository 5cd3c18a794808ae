/* Owns the Italian words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("it");

export default {
  among: "Tra le tue",
  first: "Prima",
  up: "Su",
  down: "Giù",
  last: "Ultima",
  to: {
    first: "Davanti a tutte le tue",
    up: "Avanti di una delle tue",
    down: "Indietro di una delle tue",
    last: "Dietro a tutte le tue",
  },
  problems: {
    line_moved: "Nel frattempo la coda è cambiata. Riprova.",
    task_not_waiting: "Quell’immagine non aspetta più.",
    too_far: "Ci sono troppe tue immagini in mezzo. Spostala in due volte.",
  },
  stands: (name, position, size, place, of) => `${name} è ora al posto ${number(position)} di ${number(size)} in coda, ${number(place)} delle tue ${number(of)}.`,
};
