/* Owns the Dutch words of the question for the access token. */

export default {
  title: "Deze server vraagt om een toegangstoken",
  label: "Toegangstoken",
  enter: "Verder",
  wrong: "Dat is niet het juiste token.",
};
