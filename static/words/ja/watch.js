/* Owns the Japanese words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("ja");

export default {
  title: "あなたへの動画",
  titleOfSeveral: (n) => plural(n, { other: "あなたへの動画\u00a0#\u00a0本" }),
  waiting: "まだ見られません",
  coming: (n) => plural(n, { other: "動画\u00a0#\u00a0本を作成しています。できしだいここに表示されます。" }),
  more: (n) => plural(n, { other: "あと\u00a0#\u00a0本を作成しています。ここに表示されます。" }),
  list: "動画の一覧",
  previous: "前へ",
  next: "次へ",
  place: (n, all) => `${number(n)} / ${number(all)} 本目`,
  video: (n, seconds) => `動画 ${number(n)}、${number(seconds)} 秒`,
  none: "ここに見られる動画はありません",
  unknown: "この視聴リンクはありません。アドレスがすべてそろっているか確かめてください。",
};
