/* Owns the Polish words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("pl");

export default {
  previous: "Poprzedni film",
  next: "Następny film",
  place: (n, all) => `${number(n)} z ${number(all)}`,
  prompt: "O co proszono",
  compare: "Przed i po",
  picture: "Obraz",
  video: "Film",
  slide: "Jak dużo obrazu widać",
  loop: "W pętli",
  speed: "Prędkość",
  times: (speed) => `${number(speed)}×`,
  full: "Pełny ekran",
};
