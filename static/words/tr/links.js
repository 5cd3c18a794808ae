/* Owns the Turkish words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("tr");

export default {
  title: (name) => `İzleme bağlantıları: ${name}`,
  intro: "Bağlantısı olan yalnızca bu videoyu izleyebilir, başka bir şeyi değil.",
  titleOfSeveral: (n) => `${number(n)} video için tek bağlantı`,
  introOfSeveral: "Bağlantısı olan yalnızca bu videoları art arda izleyebilir. Yapılmakta olanlar kendiliğinden eklenir.",
  earlier: "Birden çok videoya bağlantılarınız",
  shows: (n) => `${number(n)} video`,
  message: "Onlara notunuz (isteğe bağlı)",
  poster: "Oynatmadan önce ve sohbette görünen",
  posters: { none: "Hiçbir şey", blurred: "Bulanık", clear: "Resim" },
  make: "Bağlantı oluştur",
  copy: "Kopyala",
  copied: "Bağlantı kopyalandı.",
  share: "Paylaş",
  revoke: "İptal et",
  none: "Henüz bağlantı yok.",
  address: "Adres",
  hidden: "Adres bir kez, bağlantı oluşturulurken gösterildi",
  until: (date) => `son geçerlilik: ${date}`,
  ended: "süresi doldu",
  label: "Kimin için (videonun üzerinde görünür, isteğe bağlı)",
  burn: "Bunu görüntüye işle (ilk izlemede biraz sürer)",
  days: "Kaç gün geçerli",
  most: "Kaç kez izlenebilir (boş: sınırsız)",
  views: (n, most) => (most ? `en çok ${number(most)} izlemenin ${number(n)} tanesi kullanıldı` : n ? `${number(n)}\u00a0kez izlendi` : "henüz izlenmedi"),
};
