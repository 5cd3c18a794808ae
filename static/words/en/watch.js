/* Owns the English words of the page of a viewing link. */

export default {
  title: "A video for you to watch",
  none: "There is no video to watch here",
  unknown: "There is no such viewing link. Check that its address is complete.",
};
