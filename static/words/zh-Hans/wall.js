/* Owns the simplified Chinese words of the wall of videos. */

import { counting } from "../counting.js";

const { number } = counting("zh-Hans");

export default {
  search: "搜索名称和要求",
  sort: "排序",
  sorts: {
    newest: "最新在前",
    oldest: "最早在前",
    name: "按名称",
    length: "最长在前",
  },
  group: "分组",
  groups: {
    day: "按天",
    batch: "一起发送的",
    none: "不分组",
  },
  today: "今天",
  yesterday: "昨天",
  together: (n, when) => `${number(n)} 个视频，${when} 一起发送`,
  alone: (when) => `逐张发送，${when}`,
  kept: (n) => `视频保留 ${number(n)} 天；固定的视频保留到你取消固定为止。`,
  keptForRoom: (n) => `视频保留 ${number(n)} 天，别人需要空间时会更短；固定的视频保留到你取消固定为止。`,
  room: "视频保留到别人需要空间为止；固定的视频保留到你取消固定为止。",
  forEver: "视频会一直保留，直到你删除。",
  watch: (name) => `观看 ${name}`,
  length: (seconds) => `${number(seconds)}\u00a0秒`,
  select: (name) => `选择 ${name}`,
  choose: "选择",
  selected: (n) => `已选 ${number(n)} 个`,
  all: (n) => `全选（${number(n)} 个）`,
  most: (n) => `一次最多可选 ${number(n)} 个。`,
  end: "结束选择",
  send: "重新发送",
  share: "分享",
  empty: "你完成的视频会在这里。",
  none: (search) => `没有名称或要求中含“${search}”的视频。`,
  looking: "正在寻找更多…",
  found: (n) => `找到 ${number(n)} 个视频`,
  pinned: (n, total) => (n < total ? `已固定 ${number(n)} 个，共 ${number(total)} 个视频。` : `已固定 ${number(n)} 个视频。`),
  unpinned: (n, total) => (n < total ? `已取消固定 ${number(n)} 个，共 ${number(total)} 个视频。` : `已取消固定 ${number(n)} 个视频。`),
  sentAgain: (n, total) => (n < total ? `已重新发送 ${number(n)} 个，共 ${number(total)} 个视频。` : `已重新发送 ${number(n)} 个视频。`),
};
