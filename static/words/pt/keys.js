/* Owns the Portuguese words of the dialog that lists the keys. */

export default {
  title: "Teclas",
  intro: "Tudo isto também pode ser feito sem elas.",
  space: "espaço",
  arrows: "para a próxima imagem nessa direção; ← e → de qualquer lugar",
  play: "reproduzir o vídeo, ou pausá-lo",
  cancel: "cancelar esta imagem",
  undo: "desfazer o que foi feito por último",
  search: "buscar nos seus vídeos",
  help: "mostrar estas teclas",
  more: "Agem sobre a imagem que tem o foco, e nunca enquanto você escreve. Ctrl+Z, ou ⌘Z, também desfaz.",
  on: "Teclas sem Ctrl agem nesta página",
};
