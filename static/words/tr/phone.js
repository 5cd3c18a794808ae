/* Owns the Turkish words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { number } = counting("tr");

export default {
  told: "Bu sayfa kapalıyken de haber verilecek.",
  openOnly: "Bu tarayıcı yalnızca bu sayfa açıkken haber verebilir.",
  notShared: "Paylaştığınız resimler ulaşmadı. Bir kez daha paylaşın.",
  leftOut: (n) => `${number(n)} resim dışarıda bırakıldı: bir kerede paylaşılabilecekten fazlaydı.`,
};
