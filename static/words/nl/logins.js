/* Owns the Dutch words of the dialog in which a command is connected. */

export default {
  title: "De opdrachtregel verbinden",
  intro: "Wat een verbonden opdracht stuurt, is op deze pagina van jou. Typ dit in een terminal, en dan de code die daar verschijnt:",
  code: "Code",
  look: "Kijken wie het vraagt",
  asks: (name, address, at, until) => `‘${name}’ vraagt om verbinding, vanaf ${address}, sinds ${at}. De code is geldig tot ${until}.`,
  means: "Verbind alleen wat je zojuist zelf hebt gestart. Het kan namens jou afbeeldingen sturen, en de jouwe zien, annuleren en verwijderen.",
  connect: "Verbinden",
  refuse: "Dat is niet van mij",
  done: (name) => `‘${name}’ is verbonden.`,
  refused: "Het antwoord was nee.",
  connected: "Verbonden opdrachten",
  none: "Nog geen.",
  about: (address, since, used) => `Vanaf ${address}, sinds ${since}. ${used ? `Laatst gebruikt: ${used}.` : "Nog niet gebruikt."}`,
  disconnect: "Verbreken",
  disconnectName: (name) => `Verbinding met ‘${name}’ verbreken`,
  ended: (name) => `De verbinding met ‘${name}’ is verbroken.`,
  problems: {
    code_unknown: "Geen opdracht vraagt met deze code: hij is verkeerd getypt, al gebruikt, of zijn tien minuten zijn om.",
    too_many_logins: "Er zijn zoveel opdrachten verbonden als mag. Verbreek er eerst een.",
    client_limit: "Te veel foute codes. Wacht even, en typ de code die de opdracht nu toont.",
  },
};
