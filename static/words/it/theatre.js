/* Owns the Italian words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("it");

export default {
  previous: "Video precedente",
  next: "Video successivo",
  place: (n, all) => `${number(n)} di ${number(all)}`,
  prompt: "Che cosa era stato chiesto",
  compare: "Prima e dopo",
  picture: "Immagine",
  video: "Video",
  slide: "Quanto si vede dell’immagine",
  loop: "In loop",
  speed: "Velocità",
  times: (speed) => `${number(speed)}×`,
  full: "Schermo intero",
};
