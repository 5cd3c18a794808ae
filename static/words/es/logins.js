/* Owns the Spanish words of the dialog in which a command is connected. */

export default {
  title: "Conectar la línea de comandos",
  intro: "Lo que envía un comando conectado es tuyo en esta página. Escribe esto en una terminal y después el código que muestre:",
  code: "Código",
  look: "Ver quién lo pide",
  asks: (name, address, at, until) => `«${name}» pide conectarse, desde ${address}, a las ${at}. Su código vale hasta las ${until}.`,
  means: "Conéctalo solo si lo acabas de iniciar tú. Puede enviar imágenes en tu nombre, y ver, cancelar y eliminar las tuyas.",
  connect: "Conectar",
  refuse: "No es mío",
  done: (name) => `«${name}» está conectado.`,
  refused: "Se le ha dicho que no.",
  connected: "Comandos conectados",
  none: "Aún ninguno.",
  about: (address, since, used) => `Desde ${address}, el ${since}. ${used ? `Último uso: ${used}.` : "Aún sin usar."}`,
  disconnect: "Desconectar",
  disconnectName: (name) => `Desconectar «${name}»`,
  ended: (name) => `«${name}» está desconectado.`,
  problems: {
    code_unknown: "Ningún comando pide con este código: está mal escrito, ya se usó o pasaron sus diez minutos.",
    too_many_logins: "Hay tantos comandos conectados como se permite. Desconecta uno primero.",
    client_limit: "Demasiados códigos erróneos. Espera un momento y escribe el código que el comando muestra ahora.",
  },
};
