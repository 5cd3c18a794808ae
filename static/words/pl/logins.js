/* Owns the Polish words of the dialog in which a command is connected. */

export default {
  title: "Połącz wiersz poleceń",
  intro: "To, co wysyła połączone polecenie, jest na tej stronie Twoje. Wpisz to w terminalu, a potem kod, który się tam pokaże:",
  code: "Kod",
  look: "Zobacz, kto pyta",
  asks: (name, address, at, until) => `„${name}” prosi o połączenie, z ${address}, od ${at}. Kod jest ważny do ${until}.`,
  means: "Łącz tylko to polecenie, które właśnie uruchamiasz. Może wysyłać obrazy w Twoim imieniu oraz widzieć, anulować i usuwać Twoje.",
  connect: "Połącz",
  refuse: "To nie moje",
  done: (name) => `Połączono „${name}”.`,
  refused: "Odpowiedziano: nie.",
  connected: "Połączone polecenia",
  none: "Jeszcze żadnego.",
  about: (address, since, used) => `Z ${address}, od ${since}. ${used ? `Ostatnie użycie: ${used}.` : "Jeszcze nieużyte."}`,
  disconnect: "Rozłącz",
  disconnectName: (name) => `Rozłącz „${name}”`,
  ended: (name) => `Rozłączono „${name}”.`,
  problems: {
    code_unknown: "Żadne polecenie nie pyta z tym kodem: jest błędny, już użyty albo minęło jego dziesięć minut.",
    too_many_logins: "Połączono już tyle poleceń, ile można. Najpierw rozłącz jedno.",
    client_limit: "Za dużo błędnych kodów. Odczekaj chwilę i wpisz kod, który polecenie pokazuje teraz.",
  },
};
