/* Owns the Polish words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("pl");

export default {
  among: "Wśród Twoich",
  first: "Na początek",
  up: "Wyżej",
  down: "Niżej",
  last: "Na koniec",
  to: {
    first: "Przed wszystkimi Twoimi",
    up: "O jeden Twój wyżej",
    down: "O jeden Twój niżej",
    last: "Za wszystkimi Twoimi",
  },
  problems: {
    line_moved: "Kolejka się tymczasem zmieniła. Spróbuj jeszcze raz.",
    task_not_waiting: "Ten obraz już nie czeka.",
    too_far: "Pomiędzy jest za dużo Twoich obrazów. Przesuń go w dwóch krokach.",
  },
  stands: (name, position, size, place, of) => `${name} jest teraz ${number(position)} z ${number(size)} w kolejce, ${number(place)} z Twoich ${number(of)}.`,
};
