/* Owns the Turkish words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number } = counting("tr");

export default {
  next: "Sonraki resimler:",
  suggested: "modelin önerdiği gibi",
  ownSuggested: "Modelin önerdiği gibi",
  reset: "Modelin önerdiğine dön",
  left: (n) => `${number(n)} kaldı`,
  anySeed: "her seferinde başka",
  newSeed: "Her seferinde başka",
  yes: "açık",
  no: "kapalı",
  off: (title) => `${title}: kapalı`,
  copy: "Ayarları kopyala",
  copied: (name) => `Sonraki resimler ${name} ayarlarını alacak.`,
  title: (name) => `Yeniden gönder: ${name}`,
  send: "Yeniden gönder",
  leave: "Bırak",
  mend: (n) => `${number(n)} resim bu ayarlarla gönderilemedi. İşaretli olan değişmeli.`,
  resend: (n) => `${number(n)} resmi bu ayarlarla gönder`,
};
