/* Owns the Japanese words of the dialog in which a command is connected. */

export default {
  title: "コマンドラインを接続",
  intro: "接続したコマンドが送るものは、このページであなたのものになります。ターミナルに次のように入力し、表示されたコードをここに入れてください:",
  code: "コード",
  look: "誰の要求かを見る",
  asks: (name, address, at, until) => `「${name}」が接続を求めています。送信元 ${address}、${at} から。コードの有効期限は ${until} です。`,
  means: "たった今ご自身で始めた場合だけ接続してください。あなたとして画像を送り、あなたの画像を見たり、取り消したり、削除したりできるようになります。",
  connect: "接続",
  refuse: "自分のものではない",
  done: (name) => `「${name}」を接続しました。`,
  refused: "要求を断りました。",
  connected: "接続済みのコマンド",
  none: "まだありません。",
  about: (address, since, used) => `送信元 ${address}、${since} から。${used ? `最後の使用: ${used}。` : "まだ使われていません。"}`,
  disconnect: "切断",
  disconnectName: (name) => `「${name}」を切断`,
  ended: (name) => `「${name}」を切断しました。`,
  problems: {
    code_unknown: "このコードで求めているコマンドはありません。入力の誤りか、使用済みか、10 分の期限切れです。",
    too_many_logins: "接続できるコマンドの上限に達しました。先にどれかを切断してください。",
    client_limit: "誤ったコードが多すぎます。少し待ってから、コマンドが今表示しているコードを入力してください。",
  },
};
