/* Owns the words of what can be chosen for a picture in simplified Chinese. The fields' own are the model's. */

import { counting } from "../counting.js";

const { plural } = counting("zh-Hans");
const many = (n, text) => plural(n, { other: text });

export default {
  next: "接下来的图片：",
  suggested: "按模型建议",
  ownSuggested: "按模型建议",
  reset: "恢复为模型建议",
  left: (n) => many(n, "还可输入\u00a0#\u00a0字"),
  anySeed: "每次不同",
  newSeed: "每次不同",
  yes: "开",
  no: "关",
  off: (title) => `${title}：关`,
  copy: "复制设置",
  copied: (name) => `接下来的图片将使用 ${name} 的设置。`,
  title: (name) => `重新发送 ${name}`,
  send: "重新发送",
  leave: "算了",
  mend: (n) => many(n, "有\u00a0#\u00a0张图片无法用这些设置发送。标记的项目需要修改。"),
  resend: (n) => many(n, "用这些设置发送\u00a0#\u00a0张图片"),
};
