/* Owns the Turkish words of the page that says what becomes of pictures. */

import { counting } from "../counting.js";

const { number, plural } = counting("tr");

export default {
  title: "Resimlerinize ne olur",
  home: "Resim gönder",
  contents: "Bu sayfada",
  failed: "Sunucu yanıt vermiyor, bu yüzden şu anda bir şey söylenemiyor.",
  again: "Yeniden dene",
  send: {
    title: "Ne gönderebilirim?",
    formats: (formats) => `${formats} biçiminde resimler. Hareketli olanın ilk karesi alınır.`,
    bytes: (size) => `En fazla ${size} boyutunda bir dosya.`,
    pixels: (n) => `En fazla ${number(n)} megapiksel, genişlik çarpı yükseklik.`,
    waiting: (n) => `Aynı anda en fazla ${number(n)} resminiz bekler.`,
    networks: "Bir evinki gibi tek bir ağdan, bekleyebileceklerin en fazla dörtte üçü.",
    pace: (n) => `Dakikada ${number(n)} taneye kadar, bir anda biraz daha fazla.`,
    token: "Göndermek için bu sunucunun erişim anahtarı gerekir. Onu işletende vardır.",
  },
  turn: {
    title: "Sıra bana ne zaman gelir?",
    "first-come": "İlk gelen ilk alır.",
    fair: "Dönüşümlü: her ağın bir hakkı olur, sonra sıradaki ağın; bir ağda da her tarayıcının bir hakkı olur. Birinin iki yüz resmi sizin tek resminizin önünde durmaz.",
    most: (n) => `Toplam en fazla ${number(n)} resim bekler. Sıra dolunca sayfa kendiliğinden yeniden dener.`,
    move: "Bekleyen kendi resimlerinizi kendi yerleri arasında taşıyabilirsiniz. Bu yüzden başka kimsenin yeri değişmez.",
    undo: (span) => `Beklerken iptal ettiğiniz bir resim, ${span} içinde vazgeçerseniz yerini geri alır.`,
    attempts: (n) => plural(n, {
      one: "Modeli durduran bir resim yeniden denenmez.",
      other: "Modeli durduran bir resim en fazla # kez denenir. Sonra başarısız olur ve size söylenir.",
    }),
  },
  pictures: {
    title: "Resimlerime ne olur?",
    changed: (n) => `Her biri dik çevrilir ve uzun kenarı en fazla ${number(n)} piksel olacak kadar küçültülür.`,
    removed: "Dosyadaki diğer her şey çıkarılır: fotoğrafın yeri ve zamanı, kamera, sahibinin adı. Gönderdiğiniz dosya okunur okunmaz silinir.",
    stored: (host) => `Resim ve video, ${host} adresindeki sunucunun bir klasöründe durur.`,
    made: {
      here: "Video da orada yapılır. Resim bunun için başka bir makineye gitmez.",
      elsewhere: "Video orada veya bu sunucuyu işletenin ona eklediği başka makinelerde yapılır. Resmi şifreli bir bağlantıyla alırlar.",
    },
    model: (about) => `İşleten, model hakkında şunu söylüyor: ${about}`,
    known: {
      network: "Her resimle saklananlar: dosyasının adı, onun için seçilenler, dosyanın özeti, hangi tarayıcı oturumunun gönderdiği ve sıranın adil paylaşılması için geldiği ağ.",
      noNetwork: "Her resimle saklananlar: dosyasının adı, onun için seçilenler, dosyanın özeti ve hangi tarayıcı oturumunun gönderdiği. Bir betik oturumsuz göndermedikçe geldiği ağ saklanmaz.",
    },
  },
  seen: {
    title: "Kim görebilir?",
    yours: "Siz, gönderen tarayıcıda. Diğer her tarayıcı için yoktur.",
    commands: "O tarayıcıya bağladığınız komutlar.",
    links: (span) => `Oluşturduğunuz bir izleme bağlantısı olan: yalnızca o videoyu izleyebilir. Başka bir şey demezseniz bağlantı ${span} geçerlidir; istediğiniz zaman iptal edebilirsiniz.`,
    scripts: "Bir betiğin oturumsuz gönderdiğini, uzun ve rastgele adresini bilen görür.",
    operator: "Bu sunucuyu işleten: sırayı, dosya adlarını ve modelin yazdıklarını görür, sunucunun diskindekileri okuyabilir.",
    videos: {
      byBrowser: "Videolar sayfada, her izleme için tarayıcının kendisinin kullandığı bir anahtarla izlenir ve dosya olarak verilmez. Bu dürüst insanı dürüst tutar; kimsenin kıramayacağı bir koruma değildir.",
      byPage: "Videolar sayfada, her izleme için bir anahtarla izlenir ve dosya olarak verilmez. Tarayıcının kendisi çözemediğinde sayfa çözer; bu daha zayıftır. Bu dürüst insanı dürüst tutar; kimsenin kıramayacağı bir koruma değildir.",
    },
    log: "Sunucunun günlüğü her isteğin hangi ağ adresinden geldiğini yazar.",
    counted: (span) => `Her izleme sayılır ve sunucunun günlüğüne yazılır. Aynı tarayıcı ${span} içinde bir kez sayılır.`,
  },
  kept: {
    title: "Ne kadar saklanır?",
    files: (span) => `Resim ve video: bittikten sonra ${span}. Ardından ikisi de silinir.`,
    row: (span) => `Böyle bir resmin olduğu, adı ve sonucu: ${span}.`,
    forEver: "Resim ve video, siz silene veya yer gerekene kadar saklanır.",
    room: (size) => `Biten bütün videolara toplam ${size} ayrılmıştır. Yetmezse daha erken giderler: önce çöp kutusu, sonra videosuz resimler, sonra en çoğu olanın en eski videoları.`,
    pins: (size) => `Sabitlediğiniz bir video siz çözene kadar kalır. Tek bir ağdan en fazla ${size} sabitlenebilir.`,
    pinsWithoutLimit: "Sabitlediğiniz bir video siz çözene kadar kalır.",
    trash: (span) => `Sildikleriniz çöp kutusunda ${span} durur, yer gerekirse daha kısa; o zamana kadar geri yüklenebilir.`,
    delete: "Kalıcı silindi demek silindi demektir: resim, video ve onlardan yapılan her şey. Yalnızca işletenin alabileceği yedeklerde, yedekler durdukça kalırlar.",
  },
  elsewhere: {
    title: "Başka kime söylenir?",
    operatorsReceiver: "Bu sunucuyu işletenin bir programına her resmin başladığı ve bittiği söylenir. Resim, video veya ad verilmez.",
    ownReceivers: "Bir betik, işletenin izin verdikleri arasından kendi resimleri için aynı şeyin söyleneceği bir program belirtebilir.",
    push: "İsterseniz, sayfa kapalı olsa da bir video hazır olunca tarayıcınıza söylenir. Bu ileti, şifreli olarak, tarayıcı üreticinizin bildirim hizmetinden geçer. İstediğiniz zaman bitirebilirsiniz.",
    nobody: "Kimseye.",
    page: "Bu sayfa başka yerden hiçbir şey yüklemez. Resimlerinizi yeniden bulmanızı sağlayan bir çerezi ve burada seçtiklerinizi tarayıcınızda saklar.",
  },
};
