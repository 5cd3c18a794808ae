/* Owns the simplified Chinese words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("zh-Hans");

export default {
  among: "在你的图片中",
  first: "最前",
  up: "上移",
  down: "下移",
  last: "最后",
  to: {
    first: "排到你所有图片之前",
    up: "前移一张你的图片",
    down: "后移一张你的图片",
    last: "排到你所有图片之后",
  },
  problems: {
    line_moved: "队列在此期间有变化。请再试一次。",
    task_not_waiting: "那张图片已不在等待。",
    too_far: "中间你的图片太多。请分两步移动。",
  },
  stands: (name, position, size, place, of) => `${name} 现在排第 ${number(position)} / ${number(size)} 位，在你的 ${number(of)} 张中排第 ${number(place)}。`,
};
