/* Owns the Korean words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("ko");

export default {
  title: "당신을 위한 동영상",
  titleOfSeveral: (n) => plural(n, { other: "당신을 위한 동영상 #개" }),
  waiting: "아직 볼 수 없음",
  coming: (n) => plural(n, { other: "동영상 #개를 만드는 중입니다. 완성되는 대로 여기에 나타납니다." }),
  more: (n) => plural(n, { other: "#개를 더 만드는 중이며 여기에 나타납니다." }),
  list: "동영상 목록",
  previous: "이전",
  next: "다음",
  place: (n, all) => `${number(all)}개 중 ${number(n)}번째`,
  video: (n, seconds) => `동영상 ${number(n)}, ${number(seconds)}초`,
  none: "여기에는 볼 동영상이 없습니다",
  unknown: "이런 시청 링크는 없습니다. 주소가 완전한지 확인하세요.",
};
