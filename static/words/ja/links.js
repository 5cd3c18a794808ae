/* Owns the Japanese words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("ja");

export default {
  title: (name) => `${name} の視聴リンク`,
  intro: "リンクを持つ人は、この動画だけを見られます。ほかには何も見られません。",
  titleOfSeveral: (n) => plural(n, { other: "動画\u00a0#\u00a0本を見るリンク" }),
  introOfSeveral: "リンクを持つ人は、これらの動画を順に見られます。ほかには何も見られません。作成中のものは自動で加わります。",
  earlier: "複数の動画へのリンク",
  shows: (n) => plural(n, { other: "動画\u00a0#\u00a0本" }),
  message: "ひとこと (任意)",
  poster: "再生前とチャットで見えるもの",
  posters: { none: "なし", blurred: "ぼかし", clear: "画像" },
  make: "リンクを作る",
  copy: "コピー",
  copied: "リンクをコピーしました。",
  share: "共有",
  revoke: "無効にする",
  none: "リンクはまだありません。",
  address: "アドレス",
  hidden: "アドレスは、リンクを作ったときに一度だけ表示されました",
  until: (date) => `${date}まで有効`,
  ended: "終了",
  label: "相手の名前 (動画の上に表示、任意)",
  burn: "それを映像に焼き込む (初回の視聴時に少し時間がかかります)",
  days: "有効な日数",
  most: "視聴できる回数 (空欄: 無制限)",
  views: (n, most) => (most ? `視聴 ${number(n)} 回 (最大 ${number(most)} 回)` : n ? plural(n, { other: "視聴\u00a0#\u00a0回" }) : "未視聴"),
};
