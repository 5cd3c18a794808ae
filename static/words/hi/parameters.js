/* Owns the Hindi words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("hi");

export default {
  next: "अगली तस्वीरें:",
  suggested: "जैसा मॉडल सुझाता है",
  ownSuggested: "जैसा मॉडल सुझाता है",
  reset: "मॉडल के सुझाव पर लौटें",
  left: (n) => `${number(n)} बाकी`,
  anySeed: "हर बार अलग",
  newSeed: "हर बार अलग",
  yes: "चालू",
  no: "बंद",
  off: (title) => `${title}: बंद`,
  copy: "सेटिंग कॉपी करें",
  copied: (name) => `अगली तस्वीरों को ${name} की सेटिंग मिलेंगी।`,
  title: (name) => `${name} को फिर से भेजें`,
  send: "फिर से भेजें",
  leave: "रहने दें",
  mend: (n) => `इन सेटिंग से ${plural(n, { one: "# तस्वीर नहीं भेजी जा सकी", other: "# तस्वीरें नहीं भेजी जा सकीं" })}। जो चिह्नित है उसे बदलना होगा।`,
  resend: (n) => `इन सेटिंग से ${plural(n, { one: "# तस्वीर भेजें", other: "# तस्वीरें भेजें" })}`,
};
