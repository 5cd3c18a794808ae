/* Owns the Turkish words of the question for the access token. */

export default {
  title: "Bu sunucu bir erişim anahtarı istiyor",
  label: "Erişim anahtarı",
  enter: "Gir",
  wrong: "Doğru anahtar bu değil.",
};
