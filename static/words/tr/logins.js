/* Owns the Turkish words of the dialog in which a command is connected. */

export default {
  title: "Komut satırını bağla",
  intro: "Bağlı bir komutun gönderdikleri bu sayfada sizindir. Bir terminale şunu, ardından gösterdiği kodu yazın:",
  code: "Kod",
  look: "Kimin istediğine bak",
  asks: (name, address, at, until) => `“${name}” bağlanmak istiyor; adres ${address}, saat ${at}. Kodun son geçerlilik saati ${until}.`,
  means: "Yalnızca az önce kendiniz başlattıysanız bağlayın. Sizin adınıza resim gönderebilir; sizinkileri görebilir, iptal edebilir ve silebilir.",
  connect: "Bağla",
  refuse: "Bu benim değil",
  done: (name) => `“${name}” bağlandı.`,
  refused: "Ona hayır denildi.",
  connected: "Bağlı komutlar",
  none: "Henüz yok.",
  about: (address, since, used) => `Adres ${address}, başlangıç ${since}. ${used ? `Son kullanım: ${used}.` : "Henüz kullanılmadı."}`,
  disconnect: "Bağlantıyı kes",
  disconnectName: (name) => `Bağlantıyı kes: “${name}”`,
  ended: (name) => `“${name}” bağlantısı kesildi.`,
  problems: {
    code_unknown: "Bu kodla isteyen bir komut yok: yanlış yazıldı, zaten kullanıldı veya on dakikası doldu.",
    too_many_logins: "İzin verilen kadar komut bağlı. Önce birinin bağlantısını kesin.",
    client_limit: "Çok fazla yanlış kod. Biraz bekleyip komutun şimdi gösterdiği kodu yazın.",
  },
};
