/* Owns the Korean words of the question for the access token. */

export default {
  title: "이 서버는 액세스 토큰을 요구합니다",
  label: "액세스 토큰",
  enter: "들어가기",
  wrong: "올바른 토큰이 아닙니다.",
};
