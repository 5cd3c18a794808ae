/* Owns the Korean words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("ko");

export default {
  told: "이 페이지가 닫혀 있어도 알려 드립니다.",
  openOnly: "이 브라우저는 이 페이지가 열려 있는 동안에만 알려 줄 수 있습니다.",
  notShared: "공유한 사진이 도착하지 않았습니다. 다시 한번 공유하세요.",
  leftOut: (n) => plural(n, { other: "사진 #장을 뺐습니다. 한 번에 공유할 수 있는 수보다 많았습니다." }),
};
