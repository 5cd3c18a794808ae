/* Owns the simplified Chinese words of the dialog that lists the keys. */

export default {
  title: "快捷键",
  intro: "这些不用按键也都能做到。",
  space: "空格",
  arrows: "移到该方向的下一张图片；← 和 → 在任何位置都可用",
  play: "播放或暂停视频",
  cancel: "取消这张图片",
  undo: "撤销上一步",
  search: "搜索你的视频",
  help: "显示这些快捷键",
  more: "它们作用于焦点所在的图片，输入文字时不起作用。Ctrl+Z 或 ⌘Z 也可撤销。",
  on: "在本页启用不带 Ctrl 的按键",
};
