/* Owns the Spanish words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("es");

export default {
  previous: "Vídeo anterior",
  next: "Vídeo siguiente",
  place: (n, all) => `${number(n)} de ${number(all)}`,
  prompt: "Lo que se pidió",
  compare: "Antes y después",
  picture: "Imagen",
  video: "Vídeo",
  slide: "Cuánto se ve de la imagen",
  loop: "En bucle",
  speed: "Velocidad",
  times: (speed) => `${number(speed)}×`,
  full: "Pantalla completa",
};
