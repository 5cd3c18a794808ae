/* Owns the Japanese words of the question for the access token. */

export default {
  title: "このサーバーにはアクセストークンが必要です",
  label: "アクセストークン",
  enter: "入る",
  wrong: "トークンが違います。",
};
