/* Owns the English words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("en");
const pictures = (n) => plural(n, { one: "# picture", other: "# pictures" });

export default {
  next: "Next pictures:",
  suggested: "as the model suggests",
  ownSuggested: "As the model suggests",
  reset: "Back to what the model suggests",
  left: (n) => `${number(n)} left`,
  anySeed: "another each time",
  newSeed: "Another each time",
  yes: "on",
  no: "off",
  off: (title) => `${title}: off`,
  copy: "Copy settings",
  copied: (name) => `The next pictures get the settings of ${name}.`,
  title: (name) => `Send ${name} again`,
  send: "Send again",
  leave: "Leave it",
  mend: (n) => `${pictures(n)} could not be sent with these settings. What is marked has to change.`,
  resend: (n) => `Send ${pictures(n)} with these settings`,
};
