/* Owns the words of the dialog of viewing links in simplified Chinese. */

import { counting } from "../counting.js";

const { number, plural } = counting("zh-Hans");

export default {
  title: (name) => `${name} 的观看链接`,
  intro: "拿到链接的人只能观看这一个视频，看不到别的。",
  titleOfSeveral: (n) => plural(n, { other: "观看\u00a0#\u00a0个视频的一个链接" }),
  introOfSeveral: "拿到链接的人可以依次观看这些视频，看不到别的。仍在制作的会自动加入。",
  earlier: "你的多视频链接",
  shows: (n) => plural(n, { other: "#\u00a0个视频" }),
  message: "附上一句话（可不填）",
  poster: "播放前和聊天中看到的画面",
  posters: { none: "无", blurred: "模糊", clear: "图片" },
  make: "创建链接",
  copy: "复制",
  copied: "链接已复制。",
  share: "分享",
  revoke: "撤销",
  none: "还没有链接。",
  address: "地址",
  hidden: "地址只在创建链接时显示过一次",
  until: (date) => `有效期至 ${date}`,
  ended: "已失效",
  label: "给谁看（显示在视频上，可不填）",
  burn: "印入画面（首次观看时需要片刻）",
  days: "有效天数",
  most: "最多可看几次（留空：不限）",
  views: (n, most) => (most ? `已看 ${number(n)} 次，最多 ${number(most)} 次` : n ? plural(n, { other: "看过\u00a0#\u00a0次" }) : "还没有人看过"),
};
