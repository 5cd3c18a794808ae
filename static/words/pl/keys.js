/* Owns the Polish words of the dialog that lists the keys. */

export default {
  title: "Klawisze",
  intro: "Wszystko to da się zrobić także bez nich.",
  space: "spacja",
  arrows: "do następnego obrazu w tym kierunku; ← i → z każdego miejsca",
  play: "odtwórz film albo go wstrzymaj",
  cancel: "anuluj ten obraz",
  undo: "cofnij ostatnią czynność",
  search: "szukaj w swoich filmach",
  help: "pokaż te klawisze",
  more: "Działają na obraz, na którym jest fokus, i nigdy podczas pisania. Ctrl+Z lub ⌘Z także cofa.",
  on: "Klawisze bez Ctrl działają na tej stronie",
};
