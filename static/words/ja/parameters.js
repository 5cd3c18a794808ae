/* Owns the Japanese words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { plural } = counting("ja");
const many = (n, text) => plural(n, { other: text });

export default {
  next: "次の画像:",
  suggested: "モデルのおすすめどおり",
  ownSuggested: "モデルのおすすめどおり",
  reset: "モデルのおすすめに戻す",
  left: (n) => many(n, "残り\u00a0#\u00a0文字"),
  anySeed: "毎回変える",
  newSeed: "毎回変える",
  yes: "オン",
  no: "オフ",
  off: (title) => `${title}: オフ`,
  copy: "設定をコピー",
  copied: (name) => `次の画像は ${name} と同じ設定になります。`,
  title: (name) => `${name} をもう一度送る`,
  send: "もう一度送る",
  leave: "やめる",
  mend: (n) => many(n, "画像\u00a0#\u00a0枚をこの設定では送れませんでした。印の付いた項目を変える必要があります。"),
  resend: (n) => many(n, "画像\u00a0#\u00a0枚をこの設定で送る"),
};
