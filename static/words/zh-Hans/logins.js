/* Owns the simplified Chinese words of the dialog in which a command is connected. */

export default {
  title: "连接命令行",
  intro: "已连接的命令所发送的内容，在本页归你所有。请在终端输入下面的命令，然后填入它显示的代码：",
  code: "代码",
  look: "看看是谁",
  asks: (name, address, at, until) => `“${name}”请求连接，来自 ${address}，时间 ${at}。代码在 ${until} 前有效。`,
  means: "只有刚才是你自己启动的才连接。它可以以你的名义发送图片，并查看、取消和删除你的图片。",
  connect: "连接",
  refuse: "不是我的",
  done: (name) => `“${name}”已连接。`,
  refused: "已拒绝。",
  connected: "已连接的命令",
  none: "还没有。",
  about: (address, since, used) => `来自 ${address}，始于 ${since}。${used ? `上次使用：${used}。` : "尚未使用。"}`,
  disconnect: "断开",
  disconnectName: (name) => `断开“${name}”`,
  ended: (name) => `“${name}”已断开。`,
  problems: {
    code_unknown: "没有命令使用这个代码：输入有误、已被使用，或十分钟已过。",
    too_many_logins: "已连接的命令达到上限。请先断开一个。",
    client_limit: "错误的代码太多。请稍等，再输入命令现在显示的代码。",
  },
};
