/* Owns the Spanish words of the dialog that lists the keys. */

export default {
  title: "Teclas",
  intro: "Todo esto también se puede hacer sin ellas.",
  space: "espacio",
  arrows: "a la imagen siguiente en esa dirección; ← y → desde cualquier lugar",
  play: "reproducir el vídeo o pausarlo",
  cancel: "cancelar esta imagen",
  undo: "deshacer lo último",
  search: "buscar en tus vídeos",
  help: "mostrar estas teclas",
  more: "Actúan sobre la imagen que tiene el foco, y nunca mientras escribes. Ctrl+Z, o ⌘Z, también deshace.",
  on: "Las teclas sin Ctrl actúan en esta página",
};
