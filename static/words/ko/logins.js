/* Owns the Korean words of the dialog in which a command is connected. */

export default {
  title: "명령줄 연결",
  intro: "연결된 명령이 보내는 것은 이 페이지에서 내 것이 됩니다. 터미널에 다음을 입력하고, 표시되는 코드를 여기에 입력하세요:",
  code: "코드",
  look: "누가 요청하는지 보기",
  asks: (name, address, at, until) => `“${name}” 연결 요청: 주소 ${address}, 시각 ${at}. 코드는 ${until}까지 유효합니다.`,
  means: "방금 직접 시작한 경우에만 연결하세요. 나를 대신해 사진을 보내고, 내 사진을 보고 취소하고 삭제할 수 있습니다.",
  connect: "연결",
  refuse: "내 것이 아님",
  done: (name) => `연결됨: “${name}”`,
  refused: "거절했습니다.",
  connected: "연결된 명령",
  none: "아직 없습니다.",
  about: (address, since, used) => `주소 ${address}, ${since}부터. ${used ? `마지막 사용: ${used}.` : "아직 사용하지 않음."}`,
  disconnect: "연결 끊기",
  disconnectName: (name) => `연결 끊기: “${name}”`,
  ended: (name) => `연결을 끊었습니다: “${name}”`,
  problems: {
    code_unknown: "이 코드로 요청하는 명령이 없습니다. 잘못 입력했거나, 이미 사용했거나, 10분이 지났습니다.",
    too_many_logins: "연결할 수 있는 만큼 연결했습니다. 먼저 하나를 끊으세요.",
    client_limit: "잘못된 코드가 너무 많습니다. 잠시 기다렸다가 명령이 지금 보여 주는 코드를 입력하세요.",
  },
};
