/* Owns the English words of the dialog in which a command is connected. */

export default {
  title: "Connect the command line",
  intro: "What a connected command sends is yours on this page. Type this in a terminal, and then the code that it shows:",
  code: "Code",
  look: "See who asks",
  asks: (name, address, at, until) => `“${name}” asks to be connected, from ${address}, since ${at}. Its code is good until ${until}.`,
  means: "Connect it only if you started it yourself just now. It can send pictures as you, and see, cancel and delete yours.",
  connect: "Connect",
  refuse: "That is not mine",
  done: (name) => `“${name}” is connected.`,
  refused: "It was told no.",
  connected: "Connected commands",
  none: "None yet.",
  about: (address, since, used) => `From ${address}, since ${since}. ${used ? `Used last: ${used}.` : "Not used yet."}`,
  disconnect: "Disconnect",
  disconnectName: (name) => `Disconnect “${name}”`,
  ended: (name) => `“${name}” is disconnected.`,
  problems: {
    code_unknown: "No command asks with this code: it was mistyped, used already, or its ten minutes are over.",
    too_many_logins: "As many commands are connected as may be. Disconnect one first.",
    client_limit: "Too many wrong codes. Wait a moment, and type the code that the command shows now.",
  },
};
