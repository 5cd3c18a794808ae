/* Owns the Korean words of the dialog that lists the keys. */

export default {
  title: "단축키",
  intro: "모두 키 없이도 할 수 있습니다.",
  space: "스페이스",
  arrows: "그 방향의 다음 사진으로. ←와 →는 어디서나",
  play: "동영상 재생 또는 일시 정지",
  cancel: "이 사진 취소",
  undo: "마지막 작업 되돌리기",
  search: "내 동영상 검색",
  help: "이 단축키 보기",
  more: "포커스가 있는 사진에 작동하며, 글을 쓰는 동안에는 작동하지 않습니다. Ctrl+Z나 ⌘Z로도 되돌립니다.",
  on: "이 페이지에서 Ctrl 없는 키 사용",
};
