/* Owns the Polish words of the question for the access token. */

export default {
  title: "Ten serwer wymaga tokenu dostępu",
  label: "Token dostępu",
  enter: "Wejdź",
  wrong: "To nie jest właściwy token.",
};
