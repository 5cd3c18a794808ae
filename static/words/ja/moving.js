/* Owns the Japanese words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("ja");

export default {
  among: "自分の中で",
  first: "先頭へ",
  up: "前へ",
  down: "後ろへ",
  last: "最後へ",
  to: {
    first: "自分のすべての前へ",
    up: "自分の 1 枚分前へ",
    down: "自分の 1 枚分後ろへ",
    last: "自分のすべての後ろへ",
  },
  problems: {
    line_moved: "その間に列が変わりました。もう一度お試しください。",
    task_not_waiting: "その画像はもう待っていません。",
    too_far: "間にある自分の画像が多すぎます。2 回に分けて移動してください。",
  },
  stands: (name, position, size, place, of) => `${name} は今、列の ${number(size)} 枚中 ${number(position)} 番目、自分の ${number(of)} 枚中 ${number(place)} 番目です。`,
};
