/* Owns the Japanese words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("ja");

export default {
  previous: "前の動画",
  next: "次の動画",
  place: (n, all) => `${number(n)} / ${number(all)}`,
  prompt: "希望した内容",
  compare: "ビフォー・アフター",
  picture: "画像",
  video: "動画",
  slide: "画像の見える割合",
  loop: "繰り返し",
  speed: "速度",
  times: (speed) => `${number(speed)}×`,
  full: "全画面",
};
