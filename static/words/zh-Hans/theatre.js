/* Owns the simplified Chinese words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("zh-Hans");

export default {
  previous: "上一个视频",
  next: "下一个视频",
  place: (n, all) => `${number(n)} / ${number(all)}`,
  prompt: "当时的要求",
  compare: "前后对比",
  picture: "图片",
  video: "视频",
  slide: "图片露出多少",
  loop: "循环",
  speed: "速度",
  times: (speed) => `${number(speed)}×`,
  full: "全屏",
};
