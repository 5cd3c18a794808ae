/* Owns the Spanish words of the question for the access token. */

export default {
  title: "Este servidor pide un token de acceso",
  label: "Token de acceso",
  enter: "Entrar",
  wrong: "Ese no es el token correcto.",
};
