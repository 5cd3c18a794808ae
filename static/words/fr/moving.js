/* Owns the French words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("fr");

export default {
  among: "Parmi les vôtres",
  first: "En tête",
  up: "Avancer",
  down: "Reculer",
  last: "À la fin",
  to: {
    first: "Devant toutes les vôtres",
    up: "Avancer d’une des vôtres",
    down: "Reculer d’une des vôtres",
    last: "Derrière toutes les vôtres",
  },
  problems: {
    line_moved: "La file a changé entre-temps. Réessayez.",
    task_not_waiting: "Cette image n’attend plus.",
    too_far: "Trop de vos images sont entre les deux. Déplacez-la en deux fois.",
  },
  stands: (name, position, size, place, of) => `${name} est maintenant ${number(position)} sur ${number(size)} dans la file, ${number(place)} sur vos ${number(of)}.`,
};
