/* Owns the Polish words of the page that says what becomes of pictures. */

import { counting } from "../counting.js";

const { number, plural } = counting("pl");

export default {
  title: "Co dzieje się z Twoimi obrazami",
  home: "Wyślij obrazy",
  contents: "Na tej stronie",
  failed: "Serwer nie odpowiada, więc chwilowo nic nie można powiedzieć.",
  again: "Spróbuj ponownie",
  send: {
    title: "Co mogę wysłać?",
    formats: (formats) => `Obrazy jako ${formats}. Z ruchomego brana jest pierwsza klatka.`,
    bytes: (size) => `Plik o wielkości najwyżej ${size}.`,
    pixels: (n) => `Najwyżej ${number(n)} megapikseli, szerokość razy wysokość.`,
    waiting: (n) => `Naraz czekać może najwyżej tyle Twoich obrazów: ${number(n)}.`,
    networks: "Z jednej sieci, na przykład domowej, najwyżej trzy czwarte wszystkiego, co może czekać.",
    pace: (n) => `Do ${number(n)} na minutę i trochę więcej naraz.`,
    token: "Do wysyłania potrzebny jest token dostępu tego serwera. Ma go ten, kto go prowadzi.",
  },
  turn: {
    title: "Kiedy moja kolej?",
    "first-come": "Kto pierwszy, ten lepszy.",
    fair: "Na zmianę: każda sieć ma jeden, potem następna, a w sieci każda przeglądarka ma jeden. Czyjeś dwieście obrazów nie stoi przed Twoim jedynym.",
    most: (n) => `Łącznie czekać może najwyżej tyle obrazów: ${number(n)}. Gdy kolejka jest pełna, strona próbuje ponownie sama.`,
    move: "Możesz przestawiać własne czekające obrazy między ich miejscami. Nikt inny przez to nie zmienia miejsca.",
    undo: (span) => `Obraz anulowany podczas czekania odzyskuje miejsce, jeśli zmienisz zdanie w ciągu ${span}.`,
    attempts: (n) => plural(n, {
      one: "Obraz, który zatrzymuje model, nie jest próbowany ponownie.",
      few: "Obraz, który zatrzymuje model, jest próbowany najwyżej # razy. Potem kończy się niepowodzeniem, a Ty się o tym dowiadujesz.",
      many: "Obraz, który zatrzymuje model, jest próbowany najwyżej # razy. Potem kończy się niepowodzeniem, a Ty się o tym dowiadujesz.",
      other: "Obraz, który zatrzymuje model, jest próbowany najwyżej # raza. Potem kończy się niepowodzeniem, a Ty się o tym dowiadujesz.",
    }),
  },
  pictures: {
    title: "Co dzieje się z moimi obrazami?",
    changed: (n) => `Każdy jest obracany do pionu i zmniejszany do najwyżej ${number(n)} pikseli na dłuższym boku.`,
    removed: "Wszystko inne z pliku jest usuwane: miejsce i czas zdjęcia, aparat, nazwisko właściciela. Wysłany plik jest usuwany zaraz po odczytaniu.",
    stored: (host) => `Obraz i film leżą w folderze serwera pod ${host}.`,
    made: {
      here: "Film też powstaje tam. Obraz nie trafia w tym celu na żadną inną maszynę.",
      elsewhere: "Film powstaje tam albo na innych maszynach, które dołączył prowadzący ten serwer. Dostają obraz szyfrowanym połączeniem.",
    },
    model: (about) => `O modelu jego prowadzący mówi: ${about}`,
    known: {
      network: "Z każdym obrazem przechowuje się: nazwę pliku, to, co dla niego wybrano, skrót pliku, która sesja przeglądarki go wysłała i z jakiej sieci przyszedł, aby sprawiedliwie dzielić kolejkę.",
      noNetwork: "Z każdym obrazem przechowuje się: nazwę pliku, to, co dla niego wybrano, skrót pliku i która sesja przeglądarki go wysłała. Nie sieć, z której przyszedł, chyba że skrypt wysłał go bez sesji.",
    },
  },
  seen: {
    title: "Kto może to zobaczyć?",
    yours: "Ty, w przeglądarce, która go wysłała. Dla każdej innej przeglądarki go nie ma.",
    commands: "Polecenia połączone z tą przeglądarką.",
    links: (span) => `Kto ma utworzony przez Ciebie link: może obejrzeć ten film i nic więcej. Link działa ${span}, o ile nie ustalisz inaczej, i możesz go wycofać w każdej chwili.`,
    scripts: "To, co skrypt wysyła bez sesji, widzi ten, kto zna jego długi, losowy adres.",
    operator: "Kto prowadzi ten serwer: widzi kolejkę, nazwy plików i to, co model wypisuje, oraz może czytać to, co leży na dysku serwera.",
    videos: {
      byBrowser: "Filmy ogląda się na stronie, z kluczem dla każdego odtworzenia, którego używa sama przeglądarka, i nie są wydawane jako pliki. To wystarcza uczciwym; nie jest to zabezpieczenie nie do złamania.",
      byPage: "Filmy ogląda się na stronie, z kluczem dla każdego odtworzenia, i nie są wydawane jako pliki. Gdzie przeglądarka nie umie odszyfrować sama, robi to strona, co jest słabsze. To wystarcza uczciwym; nie jest to zabezpieczenie nie do złamania.",
    },
    log: "Dziennik serwera notuje przy każdym żądaniu, z jakiego adresu sieciowego przyszło.",
    counted: (span) => `Każde odtworzenie jest liczone i zapisywane w dzienniku serwera. Ta sama przeglądarka liczy się raz na ${span}.`,
  },
  kept: {
    title: "Jak długo jest to przechowywane?",
    files: (span) => `Obraz i film: ${span} od ukończenia. Potem oba są usuwane.`,
    row: (span) => `To, że taki obraz był, z nazwą i tym, co się z nim stało: ${span}.`,
    forEver: "Obraz i film są przechowywane, aż je usuniesz albo zabraknie miejsca.",
    room: (size) => `Wszystkie gotowe filmy razem mają ${size}. Gdy to za mało, znikają wcześniej: najpierw kosz, potem obrazy bez filmu, potem najstarsze filmy tego, kto ma ich najwięcej.`,
    pins: (size) => `Przypięty film zostaje, aż go odepniesz. Z jednej sieci można przypiąć najwyżej ${size}.`,
    pinsWithoutLimit: "Przypięty film zostaje, aż go odepniesz.",
    trash: (span) => `To, co usuniesz, leży w koszu ${span} albo krócej, gdy brakuje miejsca, i do tego czasu można to przywrócić.`,
    delete: "Usunięte na zawsze znaczy usunięte: obraz, film i wszystko, co z nich powstało. Zostają tylko w kopiach zapasowych, jeśli prowadzący je ma, tak długo jak one.",
  },
  elsewhere: {
    title: "Kto jeszcze się dowiaduje?",
    operatorsReceiver: "Program prowadzącego ten serwer dowiaduje się, kiedy każdy obraz się zaczyna i kończy. Nie dostaje obrazu, filmu ani nazwy.",
    ownReceivers: "Skrypt może wskazać własny program, który dowiaduje się tego samego o jego obrazach, spośród dozwolonych przez prowadzącego.",
    push: "Na Twoją prośbę przeglądarka dowiaduje się, że film jest gotowy, choć strona jest zamknięta. Ta wiadomość idzie zaszyfrowana przez usługę powiadomień producenta przeglądarki. Możesz to zakończyć w każdej chwili.",
    nobody: "Nikt.",
    page: "Ta strona nie wczytuje niczego skądinąd. Przechowuje jeden plik cookie, dzięki któremu odnajdujesz swoje obrazy, i to, co tu wybrano w Twojej przeglądarce.",
  },
};
