/* Owns the Italian words of the dialog that lists the keys. */

export default {
  title: "Tasti",
  intro: "Tutto questo si può fare anche senza.",
  space: "spazio",
  arrows: "all’immagine successiva in quella direzione; ← e → da ovunque",
  play: "riprodurre il video, o metterlo in pausa",
  cancel: "annullare questa immagine",
  undo: "annullare l’ultima azione",
  search: "cercare tra i tuoi video",
  help: "mostrare questi tasti",
  more: "Agiscono sull’immagine che ha il focus, e mai mentre scrivi. Anche Ctrl+Z, o ⌘Z, annulla l’ultima azione.",
  on: "I tasti senza Ctrl agiscono in questa pagina",
};
