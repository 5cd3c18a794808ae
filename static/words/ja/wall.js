/* Owns the Japanese words of the wall of videos. */

import { counting } from "../counting.js";

const { number } = counting("ja");

export default {
  search: "名前と希望を検索",
  sort: "並び順",
  sorts: {
    newest: "新しい順",
    oldest: "古い順",
    name: "名前順",
    length: "長い順",
  },
  group: "グループ",
  groups: {
    day: "日ごと",
    batch: "まとめて送信",
    none: "グループなし",
  },
  today: "今日",
  yesterday: "昨日",
  together: (n, when) => `動画 ${number(n)} 本、${when} にまとめて送信`,
  alone: (when) => `1 枚ずつ送信、${when}`,
  kept: (n) => `動画は ${number(n)} 日間保管されます。固定した動画は、固定を外すまで保管されます。`,
  keptForRoom: (n) => `動画は ${number(n)} 日間、ほかの人のために空きが必要なときはそれより短く保管されます。固定した動画は、固定を外すまで保管されます。`,
  room: "動画は、ほかの人のために空きが必要になるまで保管されます。固定した動画は、固定を外すまで保管されます。",
  forEver: "動画は、削除するまで保管されます。",
  watch: (name) => `${name} を見る`,
  length: (seconds) => `${number(seconds)}\u00a0秒`,
  select: (name) => `${name} を選択`,
  choose: "選択",
  selected: (n) => `${number(n)} 件を選択中`,
  all: (n) => `すべて選択 (${number(n)} 件)`,
  most: (n) => `一度に選択できるのは ${number(n)} 件までです。`,
  end: "選択を終える",
  send: "もう一度送る",
  share: "共有",
  empty: "できあがった動画はここに並びます。",
  none: (search) => `名前または希望に「${search}」を含む動画はありません。`,
  looking: "ほかを探しています…",
  found: (n) => `${number(n)} 件見つかりました`,
  pinned: (n, total) => (n < total ? `${number(total)} 本のうち ${number(n)} 本を固定しました。` : `動画 ${number(n)} 本を固定しました。`),
  unpinned: (n, total) => (n < total ? `${number(total)} 本のうち ${number(n)} 本の固定を外しました。` : `動画 ${number(n)} 本の固定を外しました。`),
  sentAgain: (n, total) => (n < total ? `${number(total)} 本のうち ${number(n)} 本をもう一度送りました。` : `動画 ${number(n)} 本をもう一度送りました。`),
};
