/* Owns the Dutch words of the dialog that lists the keys. */

export default {
  title: "Toetsen",
  intro: "Dit kan allemaal ook zonder.",
  space: "spatie",
  arrows: "naar de volgende afbeelding in die richting; ← en → van overal",
  play: "de video afspelen, of pauzeren",
  cancel: "deze afbeelding annuleren",
  undo: "het laatste ongedaan maken",
  search: "je video’s doorzoeken",
  help: "deze toetsen tonen",
  more: "Ze werken op de afbeelding die de focus heeft, en nooit terwijl je schrijft. Ctrl+Z, of ⌘Z, maakt ook ongedaan.",
  on: "Toetsen zonder Ctrl doen iets op deze pagina",
};
