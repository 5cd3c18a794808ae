/* Owns the Turkish words of the dialog that lists the keys. */

export default {
  title: "Tuşlar",
  intro: "Bunların hepsi tuşlar olmadan da yapılabilir.",
  space: "boşluk",
  arrows: "o yöndeki sonraki resme; ← ve → her yerden",
  play: "videoyu oynat veya duraklat",
  cancel: "bu resmi iptal et",
  undo: "son yapılanı geri al",
  search: "videolarınızda arayın",
  help: "bu tuşları göster",
  more: "Odaktaki resim üzerinde çalışırlar, siz yazarken asla. Ctrl+Z veya ⌘Z de geri alır.",
  on: "Ctrl’siz tuşlar bu sayfada işe yarasın",
};
