/* Owns the Japanese words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("ja");

export default {
  told: "このページを閉じていてもお知らせします。",
  openOnly: "このブラウザーでは、ページを開いている間だけお知らせできます。",
  notShared: "共有された画像は届きませんでした。もう一度共有してください。",
  leftOut: (n) => plural(n, { other: "画像\u00a0#\u00a0枚を除きました。一度に共有できる数を超えています。" }),
};
