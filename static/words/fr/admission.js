/* Owns the French words of the question for the access token. */

export default {
  title: "Ce serveur demande un jeton d’accès",
  label: "Jeton d’accès",
  enter: "Entrer",
  wrong: "Ce n’est pas le bon jeton.",
};
