/* Owns the Hindi words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("hi");

export default {
  title: "आपके देखने के लिए एक वीडियो",
  titleOfSeveral: (n) => `आपके देखने के लिए ${number(n)} वीडियो`,
  waiting: "अभी देखने को तैयार नहीं",
  coming: (n) => plural(n, { one: "# वीडियो अभी बन रहा है। तैयार होते ही यहाँ दिखेगा।", other: "# वीडियो अभी बन रहे हैं। हर एक तैयार होते ही यहाँ दिखेगा।" }),
  more: (n) => plural(n, { one: "# और बन रहा है और यहाँ दिखेगा।", other: "# और बन रहे हैं और यहाँ दिखेंगे।" }),
  list: "वीडियो सूची",
  previous: "पिछला",
  next: "अगला",
  place: (n, all) => `${number(all)} में से ${number(n)}`,
  video: (n, seconds) => `वीडियो ${number(n)}, ${number(seconds)} सेकंड`,
  none: "यहाँ देखने के लिए कोई वीडियो नहीं है",
  unknown: "ऐसा कोई लिंक नहीं है। देखें कि पता पूरा है।",
};
