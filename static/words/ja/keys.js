/* Owns the Japanese words of the dialog that lists the keys. */

export default {
  title: "キー操作",
  intro: "どれもキーを使わずにできます。",
  space: "スペース",
  arrows: "その方向の次の画像へ。← と → はどこからでも",
  play: "動画を再生、または一時停止",
  cancel: "この画像を取り消す",
  undo: "直前の操作を元に戻す",
  search: "動画を検索",
  help: "このキー一覧を表示",
  more: "フォーカスのある画像に対して働き、文字の入力中は働きません。Ctrl+Z または ⌘Z でも元に戻せます。",
  on: "このページで Ctrl なしのキーを使う",
};
