/* Owns the French words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("fr");

export default {
  previous: "Vidéo précédente",
  next: "Vidéo suivante",
  place: (n, all) => `${number(n)} sur ${number(all)}`,
  prompt: "Ce qui était souhaité",
  compare: "Avant et après",
  picture: "Image",
  video: "Vidéo",
  slide: "Part visible de l’image",
  loop: "En boucle",
  speed: "Vitesse",
  times: (speed) => `${number(speed)}×`,
  full: "Plein écran",
};
