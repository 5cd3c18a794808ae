/* Owns the Spanish words of the page that says what becomes of pictures. */

import { counting } from "../counting.js";

const { number, plural } = counting("es");
const pictures = (n) => plural(n, { one: "# imagen", many: "# de imágenes", other: "# imágenes" });

export default {
  title: "Qué pasa con tus imágenes",
  home: "Enviar imágenes",
  contents: "En esta página",
  failed: "El servidor no responde, así que por ahora no se puede decir nada.",
  again: "Intentar de nuevo",
  send: {
    title: "¿Qué puedo enviar?",
    formats: (formats) => `Imágenes en ${formats}. De una animada se toma el primer fotograma.`,
    bytes: (size) => `Un archivo de ${size} como máximo.`,
    pixels: (n) => `Como máximo ${number(n)} megapíxeles, ancho por alto.`,
    waiting: (n) => `A la vez esperan como máximo ${pictures(n)} tuyas.`,
    networks: "De una misma red, como la de un hogar, como máximo tres cuartos de todo lo que puede esperar.",
    pace: (n) => `Hasta ${number(n)} por minuto, y algunas más de golpe.`,
    token: "Para enviar hace falta el token de acceso de este servidor. Lo tiene quien lo administra.",
  },
  turn: {
    title: "¿Cuándo me toca?",
    "first-come": "Por orden de llegada.",
    fair: "Por turnos: cada red tiene una, luego la siguiente, y dentro de una red cada navegador tiene una. Las doscientas imágenes de alguien no van delante de la única tuya.",
    most: (n) => `En total esperan como máximo ${pictures(n)}. Cuando la cola está llena, la página lo intenta de nuevo sola.`,
    move: "Puedes mover tus propias imágenes en espera entre sus puestos. Nadie más cambia de puesto por ello.",
    undo: (span) => `Una imagen que canceles mientras espera recupera su puesto si cambias de idea en ${span}.`,
    attempts: (n) => plural(n, {
      one: "Una imagen que detiene el modelo no se intenta otra vez.",
      many: "Una imagen que detiene el modelo se intenta como máximo # de veces. Después falla, y se te avisa.",
      other: "Una imagen que detiene el modelo se intenta como máximo # veces. Después falla, y se te avisa.",
    }),
  },
  pictures: {
    title: "¿Qué pasa con mis imágenes?",
    changed: (n) => `Cada una se endereza y se reduce a ${number(n)} píxeles como máximo en su lado más largo.`,
    removed: "Todo lo demás del archivo se elimina: el lugar y la hora de la foto, la cámara, el nombre de su dueño. El archivo que enviaste se elimina en cuanto se ha leído.",
    stored: (host) => `La imagen y el vídeo están en una carpeta del servidor en ${host}.`,
    made: {
      here: "El vídeo también se hace allí. La imagen no va por ello a ninguna otra máquina.",
      elsewhere: "El vídeo se hace allí o en otras máquinas que quien administra este servidor le ha unido. Reciben la imagen por una conexión cifrada.",
    },
    model: (about) => `Sobre el modelo, quien lo administra dice: ${about}`,
    known: {
      network: "Con cada imagen se guarda: el nombre de su archivo, lo elegido para ella, un resumen del archivo, qué sesión de navegador la envió y la red de la que vino, para repartir la cola con justicia.",
      noNetwork: "Con cada imagen se guarda: el nombre de su archivo, lo elegido para ella, un resumen del archivo y qué sesión de navegador la envió. No la red de la que vino, salvo que un script la enviara sin sesión.",
    },
  },
  seen: {
    title: "¿Quién puede verla?",
    yours: "Tú, en el navegador que la envió. Para cualquier otro navegador no existe.",
    commands: "Los comandos que has conectado a ese navegador.",
    links: (span) => `Quien tenga un enlace que tú hayas creado: puede ver ese vídeo, y nada más. Un enlace vale ${span} si no dices otra cosa, y puedes revocarlo en cualquier momento.`,
    scripts: "Lo que un script envía sin sesión lo ve quien conozca su larga dirección aleatoria.",
    operator: "Quien administra este servidor: ve la cola, los nombres de los archivos y lo que escribe el modelo, y puede leer lo que hay en el disco del servidor.",
    videos: {
      byBrowser: "Los vídeos se ven en la página, con una clave para cada reproducción que aplica el propio navegador, y no se entregan como archivos. Eso mantiene honrada a la gente honrada; no es una protección que nadie pueda romper.",
      byPage: "Los vídeos se ven en la página, con una clave para cada reproducción, y no se entregan como archivos. Donde un navegador no puede descifrar por sí mismo, lo hace la página, que es más débil. Eso mantiene honrada a la gente honrada; no es una protección que nadie pueda romper.",
    },
    log: "El registro del servidor anota de cada petición desde qué dirección de red vino.",
    counted: (span) => `Cada reproducción se cuenta y se anota en el registro del servidor. El mismo navegador cuenta una vez en ${span}.`,
  },
  kept: {
    title: "¿Cuánto tiempo se guarda?",
    files: (span) => `Imagen y vídeo: ${span} desde que está listo. Después se eliminan los dos.`,
    row: (span) => `Que hubo tal imagen, con su nombre y qué fue de ella: ${span}.`,
    forEver: "La imagen y el vídeo se guardan hasta que los elimines o haga falta sitio.",
    room: (size) => `Todos los vídeos terminados tienen juntos ${size}. Si no basta, salen antes: primero la papelera, luego las imágenes sin vídeo, luego los vídeos más antiguos de quien más tiene.`,
    pins: (size) => `Un vídeo que fijes se queda hasta que lo sueltes. De una misma red se pueden fijar como máximo ${size}.`,
    pinsWithoutLimit: "Un vídeo que fijes se queda hasta que lo sueltes.",
    trash: (span) => `Lo que eliminas queda en la papelera ${span}, o menos si hace falta sitio, y hasta entonces se puede restaurar.`,
    delete: "Eliminado para siempre quiere decir eliminado: imagen, vídeo y todo lo hecho de ellos. Solo en las copias de seguridad que pueda haber siguen el tiempo que duren estas.",
  },
  elsewhere: {
    title: "¿A quién más se le dice?",
    operatorsReceiver: "Un programa de quien administra este servidor sabe cuándo empieza y termina cada imagen. No recibe imagen, ni vídeo, ni nombre.",
    ownReceivers: "Un script puede nombrar un programa propio al que se le dice lo mismo de sus imágenes, entre los que permite quien administra.",
    push: "Si lo pides, tu navegador recibe el aviso de que un vídeo está listo aunque la página esté cerrada. Ese mensaje va, cifrado, por el servicio de avisos del fabricante de tu navegador. Puedes ponerle fin en cualquier momento.",
    nobody: "A nadie.",
    page: "Esta página no carga nada de otra parte. Guarda una cookie, por la que encuentras tus imágenes, y lo que elegiste aquí en tu navegador.",
  },
};
