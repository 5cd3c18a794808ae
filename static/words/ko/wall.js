/* Owns the Korean words of the wall of videos. */

import { counting } from "../counting.js";

const { number } = counting("ko");

export default {
  search: "이름과 요청에서 검색",
  sort: "순서",
  sorts: {
    newest: "최신순",
    oldest: "오래된순",
    name: "이름순",
    length: "긴 순서",
  },
  group: "그룹",
  groups: {
    day: "날짜별",
    batch: "함께 보낸 것",
    none: "그룹 없음",
  },
  today: "오늘",
  yesterday: "어제",
  together: (n, when) => `동영상 ${number(n)}개, ${when} 함께 보냄`,
  alone: (when) => `하나씩 보냄, ${when}`,
  kept: (n) => `동영상은 ${number(n)}일 동안 보관됩니다. 고정한 것은 풀 때까지 보관됩니다.`,
  keptForRoom: (n) => `동영상은 ${number(n)}일 동안, 다른 사람에게 공간이 필요하면 더 짧게 보관됩니다. 고정한 것은 풀 때까지 보관됩니다.`,
  room: "동영상은 다른 사람에게 공간이 필요할 때까지 보관됩니다. 고정한 것은 풀 때까지 보관됩니다.",
  forEver: "동영상은 삭제할 때까지 보관됩니다.",
  watch: (name) => `보기: ${name}`,
  length: (seconds) => `${number(seconds)}초`,
  select: (name) => `선택: ${name}`,
  choose: "선택",
  selected: (n) => `${number(n)}개 선택됨`,
  all: (n) => `모두 선택 (${number(n)}개)`,
  most: (n) => `한 번에 ${number(n)}개까지만 선택할 수 있습니다.`,
  end: "선택 끝내기",
  send: "다시 보내기",
  share: "공유",
  empty: "완성된 동영상이 여기에 모입니다.",
  none: (search) => `이름이나 요청에 “${search}”이(가) 있는 동영상이 없습니다.`,
  looking: "더 찾는 중…",
  found: (n) => `동영상 ${number(n)}개 찾음`,
  pinned: (n, total) => (n < total ? `동영상 ${number(total)}개 중 ${number(n)}개를 고정했습니다.` : `동영상 ${number(n)}개를 고정했습니다.`),
  unpinned: (n, total) => (n < total ? `동영상 ${number(total)}개 중 ${number(n)}개의 고정을 풀었습니다.` : `동영상 ${number(n)}개의 고정을 풀었습니다.`),
  sentAgain: (n, total) => (n < total ? `동영상 ${number(total)}개 중 ${number(n)}개를 다시 보냈습니다.` : `동영상 ${number(n)}개를 다시 보냈습니다.`),
};
