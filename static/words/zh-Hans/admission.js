/* Owns the words of the question for the access token in simplified Chinese. */

export default {
  title: "此服务器需要访问令牌",
  label: "访问令牌",
  enter: "进入",
  wrong: "令牌不正确。",
};
