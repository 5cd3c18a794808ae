/* Owns the Korean words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("ko");

export default {
  among: "내 사진 중에서",
  first: "맨 앞으로",
  up: "앞으로",
  down: "뒤로",
  last: "맨 뒤로",
  to: {
    first: "내 사진 모두의 앞으로",
    up: "내 사진 한 장 앞으로",
    down: "내 사진 한 장 뒤로",
    last: "내 사진 모두의 뒤로",
  },
  problems: {
    line_moved: "그사이 줄이 바뀌었습니다. 다시 시도하세요.",
    task_not_waiting: "그 사진은 더 이상 기다리지 않습니다.",
    too_far: "사이에 내 사진이 너무 많습니다. 두 번에 나눠 옮기세요.",
  },
  stands: (name, position, size, place, of) => `${name}: 이제 줄에서 ${number(position)}/${number(size)}, 내 사진 중 ${number(place)}/${number(of)}.`,
};
