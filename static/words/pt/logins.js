/* Owns the Portuguese words of the dialog in which a command is connected. */

export default {
  title: "Conectar a linha de comando",
  intro: "O que um comando conectado envia é seu nesta página. Digite isto em um terminal e depois o código que ele mostrar:",
  code: "Código",
  look: "Ver quem pede",
  asks: (name, address, at, until) => `“${name}” pede para ser conectado, de ${address}, às ${at}. O código vale até ${until}.`,
  means: "Conecte apenas se você mesmo acabou de iniciá-lo. Ele pode enviar imagens em seu nome, e ver, cancelar e excluir as suas.",
  connect: "Conectar",
  refuse: "Não é meu",
  done: (name) => `“${name}” está conectado.`,
  refused: "A resposta foi não.",
  connected: "Comandos conectados",
  none: "Nenhum ainda.",
  about: (address, since, used) => `De ${address}, em ${since}. ${used ? `Último uso: ${used}.` : "Ainda não usado."}`,
  disconnect: "Desconectar",
  disconnectName: (name) => `Desconectar “${name}”`,
  ended: (name) => `“${name}” foi desconectado.`,
  problems: {
    code_unknown: "Nenhum comando pede com este código: foi digitado errado, já foi usado, ou seus dez minutos passaram.",
    too_many_logins: "Já há tantos comandos conectados quanto se permite. Desconecte um primeiro.",
    client_limit: "Códigos errados demais. Espere um momento e digite o código que o comando mostra agora.",
  },
};
