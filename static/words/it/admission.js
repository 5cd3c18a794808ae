/* Owns the Italian words of the question for the access token. */

export default {
  title: "Questo server chiede un token di accesso",
  label: "Token di accesso",
  enter: "Entra",
  wrong: "Non è il token giusto.",
};
