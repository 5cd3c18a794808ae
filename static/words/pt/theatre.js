/* Owns the Portuguese words of the theatre. */

import { counting } from "../counting.js";

const { number } = counting("pt");

export default {
  previous: "Vídeo anterior",
  next: "Próximo vídeo",
  place: (n, all) => `${number(n)} de ${number(all)}`,
  prompt: "O que foi pedido",
  compare: "Antes e depois",
  picture: "Imagem",
  video: "Vídeo",
  slide: "Quanto se vê da imagem",
  loop: "Em loop",
  speed: "Velocidade",
  times: (speed) => `${number(speed)}×`,
  full: "Tela cheia",
};
