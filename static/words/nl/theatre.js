/* Owns the Dutch words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("nl");

export default {
  previous: "Vorige video",
  next: "Volgende video",
  place: (n, all) => `${number(n)} van ${number(all)}`,
  prompt: "Wat gewenst was",
  compare: "Voor en na",
  picture: "Afbeelding",
  video: "Video",
  slide: "Hoeveel van de afbeelding te zien is",
  loop: "Herhalen",
  speed: "Snelheid",
  times: (speed) => `${number(speed)}×`,
  full: "Volledig scherm",
};
