/* Owns the Arabic words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("ar");
const apart = (text) => `\u2068${text}\u2069`;

export default {
  previous: "المقطع السابق",
  next: "المقطع التالي",
  place: (n, all) => `${number(n)} من ${number(all)}`,
  prompt: "ما كان مطلوبًا",
  compare: "قبل وبعد",
  picture: "الصورة",
  video: "المقطع",
  slide: "كم يظهر من الصورة",
  loop: "تكرار",
  speed: "السرعة",
  times: (speed) => `${apart(`${number(speed)}×`)}`,
  full: "ملء الشاشة",
};
