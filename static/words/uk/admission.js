/* Owns the Ukrainian words of the question for the access token. */

export default {
  title: "Цей сервер вимагає ключ доступу",
  label: "Ключ доступу",
  enter: "Увійти",
  wrong: "Це не той ключ.",
};
