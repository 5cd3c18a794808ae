/* Owns the Korean words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { plural } = counting("ko");
const many = (n, text) => plural(n, { other: text });

export default {
  next: "다음 사진:",
  suggested: "모델이 권하는 대로",
  ownSuggested: "모델이 권하는 대로",
  reset: "모델이 권하는 값으로 되돌리기",
  left: (n) => many(n, "#자 남음"),
  anySeed: "매번 다르게",
  newSeed: "매번 다르게",
  yes: "켬",
  no: "끔",
  off: (title) => `${title}: 끔`,
  copy: "설정 복사",
  copied: (name) => `다음 사진에 이 설정을 씁니다: ${name}`,
  title: (name) => `다시 보내기: ${name}`,
  send: "다시 보내기",
  leave: "그대로 두기",
  mend: (n) => many(n, "이 설정으로는 사진 #장을 보내지 못했습니다. 표시된 것을 바꿔야 합니다."),
  resend: (n) => many(n, "이 설정으로 사진 #장 보내기"),
};
