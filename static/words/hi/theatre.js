/* Owns the Hindi words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("hi");

export default {
  previous: "पिछला वीडियो",
  next: "अगला वीडियो",
  place: (n, all) => `${number(all)} में से ${number(n)}`,
  prompt: "जो चाहा गया था",
  compare: "पहले और बाद",
  picture: "तस्वीर",
  video: "वीडियो",
  slide: "तस्वीर कितनी दिखे",
  loop: "दोहराएँ",
  speed: "गति",
  times: (speed) => `${number(speed)}×`,
  full: "पूरी स्क्रीन",
};
