/* Owns the Hindi words of the question for the access token. */

export default {
  title: "यह सर्वर एक्सेस टोकन माँगता है",
  label: "एक्सेस टोकन",
  enter: "आगे बढ़ें",
  wrong: "यह सही टोकन नहीं है।",
};
