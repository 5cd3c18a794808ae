/* Owns the Korean words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("ko");

export default {
  title: (name) => `시청 링크: ${name}`,
  intro: "링크가 있는 사람은 이 동영상 하나만 볼 수 있습니다.",
  titleOfSeveral: (n) => plural(n, { other: "동영상 #개를 보는 링크 하나" }),
  introOfSeveral: "링크가 있는 사람은 이 동영상들만 차례로 볼 수 있습니다. 아직 만드는 중인 것은 저절로 더해집니다.",
  earlier: "여러 동영상의 링크",
  shows: (n) => plural(n, { other: "동영상 #개" }),
  message: "함께 보낼 한마디 (선택 사항)",
  poster: "재생 전과 채팅에서 보이는 것",
  posters: { none: "없음", blurred: "흐리게", clear: "사진" },
  make: "링크 만들기",
  copy: "복사",
  copied: "링크를 복사했습니다.",
  share: "공유",
  revoke: "취소하기",
  none: "아직 링크가 없습니다.",
  address: "주소",
  hidden: "주소는 링크를 만들 때 한 번 표시되었습니다",
  until: (date) => `${date}까지 유효`,
  ended: "만료됨",
  label: "받는 사람 (동영상 위에 표시, 선택 사항)",
  burn: "화면에 새기기 (첫 시청 때 조금 걸립니다)",
  days: "유효한 날수",
  most: "볼 수 있는 횟수 (비우면 제한 없음)",
  views: (n, most) => (most ? `최대 ${number(most)}번 중 ${number(n)}번 시청` : n ? plural(n, { other: "#번 시청" }) : "아직 시청하지 않음"),
};
