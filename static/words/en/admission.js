/* Owns the English words of the question for the access token. */

export default {
  title: "This server asks for an access token",
  label: "Access token",
  enter: "Enter",
  wrong: "That is not the right token.",
};
