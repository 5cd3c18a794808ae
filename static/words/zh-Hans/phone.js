/* Owns the simplified Chinese words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("zh-Hans");

export default {
  told: "即使关闭本页也会提醒你。",
  openOnly: "此浏览器只能在本页打开时提醒你。",
  notShared: "你分享的图片没有送达。请再分享一次。",
  leftOut: (n) => plural(n, { other: "已略过\u00a0#\u00a0张图片：超过了一次可分享的数量。" }),
};
