/* Owns the Dutch words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("nl");

export default {
  among: "Tussen de jouwe",
  first: "Eerst",
  up: "Omhoog",
  down: "Omlaag",
  last: "Laatst",
  to: {
    first: "Voor al de jouwe",
    up: "Eén van jou naar voren",
    down: "Eén van jou naar achteren",
    last: "Achter al de jouwe",
  },
  problems: {
    line_moved: "De rij is intussen veranderd. Probeer het nog eens.",
    task_not_waiting: "Die afbeelding wacht niet meer.",
    too_far: "Er staan te veel van je afbeeldingen tussen. Verplaats hem in twee stappen.",
  },
  stands: (name, position, size, place, of) => `${name} is nu ${number(position)} van ${number(size)} in de rij, ${number(place)} van jouw ${number(of)}.`,
};
