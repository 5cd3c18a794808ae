/* Owns the German words of the question for the access token. */

export default {
  title: "Dieser Server verlangt ein Zugangswort",
  label: "Zugangswort",
  enter: "Eintreten",
  wrong: "Dieses Zugangswort stimmt nicht.",
};
