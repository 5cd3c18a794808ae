/* Owns the Turkish words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("tr");

export default {
  previous: "Önceki video",
  next: "Sonraki video",
  place: (n, all) => `${number(n)} / ${number(all)}`,
  prompt: "İstenen",
  compare: "Önce ve sonra",
  picture: "Resim",
  video: "Video",
  slide: "Resmin ne kadarı görünüyor",
  loop: "Döngü",
  speed: "Hız",
  times: (speed) => `${number(speed)}×`,
  full: "Tam ekran",
};
