/* Owns the Portuguese words of the question for the access token. */

export default {
  title: "Este servidor pede um token de acesso",
  label: "Token de acesso",
  enter: "Entrar",
  wrong: "Esse não é o token certo.",
};
