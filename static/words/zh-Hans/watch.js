/* Owns the words of the page of a viewing link in simplified Chinese. */

import { counting } from "../counting.js";

const { number, plural } = counting("zh-Hans");

export default {
  title: "给你看的视频",
  titleOfSeveral: (n) => plural(n, { other: "给你看的\u00a0#\u00a0个视频" }),
  waiting: "还不能观看",
  coming: (n) => plural(n, { other: "#\u00a0个视频仍在制作，完成后会立即出现在这里。" }),
  more: (n) => plural(n, { other: "还有\u00a0#\u00a0个仍在制作，会出现在这里。" }),
  list: "视频列表",
  previous: "上一个",
  next: "下一个",
  place: (n, all) => `第 ${number(n)} 个，共 ${number(all)} 个`,
  video: (n, seconds) => `视频 ${number(n)}，${number(seconds)} 秒`,
  none: "这里没有可看的视频",
  unknown: "没有这个观看链接。请检查地址是否完整。",
};
