/* Owns the Turkish words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("tr");

export default {
  title: "Sizin için bir video",
  titleOfSeveral: (n) => `Sizin için ${number(n)} video`,
  waiting: "Henüz izlenemiyor",
  coming: (n) => plural(n, { one: "# video hâlâ yapılıyor. Hazır olur olmaz burada görünür.", other: "# video hâlâ yapılıyor. Her biri hazır olur olmaz burada görünür." }),
  more: (n) => `${number(n)} tane daha yapılıyor ve burada görünecek.`,
  list: "Videolar",
  previous: "Önceki",
  next: "Sonraki",
  place: (n, all) => `${number(n)} / ${number(all)}`,
  video: (n, seconds) => `Video ${number(n)}, ${number(seconds)} saniye`,
  none: "Burada izlenecek video yok",
  unknown: "Böyle bir izleme bağlantısı yok. Adresin eksiksiz olduğunu denetleyin.",
};
