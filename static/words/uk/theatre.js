/* Owns the Ukrainian words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("uk");

export default {
  previous: "Попереднє відео",
  next: "Наступне відео",
  place: (n, all) => `${number(n)} з ${number(all)}`,
  prompt: "Що було побажано",
  compare: "До і після",
  picture: "Зображення",
  video: "Відео",
  slide: "Скільки видно зображення",
  loop: "По колу",
  speed: "Швидкість",
  times: (speed) => `${number(speed)}×`,
  full: "На весь екран",
};
