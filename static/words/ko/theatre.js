/* Owns the Korean words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("ko");

export default {
  previous: "이전 동영상",
  next: "다음 동영상",
  place: (n, all) => `${number(n)}/${number(all)}`,
  prompt: "원했던 내용",
  compare: "전과 후",
  picture: "사진",
  video: "동영상",
  slide: "사진이 보이는 정도",
  loop: "반복",
  speed: "속도",
  times: (speed) => `${number(speed)}×`,
  full: "전체 화면",
};
