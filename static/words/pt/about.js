/* Owns the Portuguese words of the page that says what becomes of pictures. */

import { counting } from "../counting.js";

const { number, plural } = counting("pt");
const pictures = (n) => plural(n, { one: "# imagem", many: "# de imagens", other: "# imagens" });

export default {
  title: "O que acontece com suas imagens",
  home: "Enviar imagens",
  contents: "Nesta página",
  failed: "O servidor não responde, então nada se pode dizer no momento.",
  again: "Tentar de novo",
  send: {
    title: "O que posso enviar?",
    formats: (formats) => `Imagens em ${formats}. De uma animada, usa-se o primeiro quadro.`,
    bytes: (size) => `Um arquivo de no máximo ${size}.`,
    pixels: (n) => `No máximo ${number(n)} megapixels, largura vezes altura.`,
    waiting: (n) => `No máximo ${pictures(n)} suas esperam ao mesmo tempo.`,
    networks: "De uma mesma rede, como a de uma casa, no máximo três quartos de tudo o que pode esperar.",
    pace: (n) => `Até ${number(n)} por minuto, e mais algumas de uma vez.`,
    token: "Para enviar é preciso o token de acesso deste servidor. Quem o opera o tem.",
  },
  turn: {
    title: "Quando é a minha vez?",
    "first-come": "Por ordem de chegada.",
    fair: "Em turnos: cada rede tem uma, depois a seguinte, e numa rede cada navegador tem uma. As duzentas imagens de alguém não ficam na frente da sua única.",
    most: (n) => `No total esperam no máximo ${pictures(n)}. Quando a fila está cheia, a página tenta de novo sozinha.`,
    move: "Você pode mover suas imagens em espera entre os lugares delas. Ninguém mais muda de lugar por isso.",
    undo: (span) => `Uma imagem que você cancela enquanto espera volta ao lugar se você mudar de ideia em ${span}.`,
    attempts: (n) => plural(n, {
      one: "Uma imagem que para o modelo não é tentada de novo.",
      many: "Uma imagem que para o modelo é tentada no máximo # de vezes. Depois falha, e você é avisado.",
      other: "Uma imagem que para o modelo é tentada no máximo # vezes. Depois falha, e você é avisado.",
    }),
  },
  pictures: {
    title: "O que acontece com minhas imagens?",
    changed: (n) => `Cada uma é endireitada e reduzida a no máximo ${number(n)} pixels no lado maior.`,
    removed: "Tudo o mais que estava no arquivo é removido: lugar e hora da foto, câmera, nome do dono. O arquivo que você enviou é excluído assim que foi lido.",
    stored: (host) => `Imagem e vídeo ficam em uma pasta do servidor em ${host}.`,
    made: {
      here: "O vídeo também é feito lá. Para isso a imagem não vai a nenhuma outra máquina.",
      elsewhere: "O vídeo é feito lá ou em outras máquinas que quem opera este servidor juntou a ele. Elas recebem a imagem por uma conexão cifrada.",
    },
    model: (about) => `Sobre o modelo, quem o opera diz: ${about}`,
    known: {
      network: "Com cada imagem guarda-se: o nome do arquivo, o que foi escolhido, um resumo do arquivo, qual sessão de navegador a enviou e a rede de onde veio, para que a fila seja dividida com justiça.",
      noNetwork: "Com cada imagem guarda-se: o nome do arquivo, o que foi escolhido, um resumo do arquivo e qual sessão de navegador a enviou. Não a rede de onde veio, a menos que um script a tenha enviado sem sessão.",
    },
  },
  seen: {
    title: "Quem pode ver?",
    yours: "Você, no navegador que a enviou. Para qualquer outro navegador ela não existe.",
    commands: "Os comandos que você conectou a esse navegador.",
    links: (span) => `Quem tem um link que você criou: pode assistir a esse vídeo, e a nada mais. Um link vale ${span} se você não disser outra coisa, e você pode revogá-lo a qualquer momento.`,
    scripts: "O que um script envia sem sessão é visto por quem conhece seu longo endereço aleatório.",
    operator: "Quem opera este servidor: vê a fila, os nomes dos arquivos e o que o modelo escreve, e pode ler o que está no disco do servidor.",
    videos: {
      byBrowser: "Os vídeos são assistidos na página, com uma chave para cada exibição que o próprio navegador aplica, e não são entregues como arquivos. Isso mantém honesto quem é honesto; não é uma proteção que ninguém possa quebrar.",
      byPage: "Os vídeos são assistidos na página, com uma chave para cada exibição, e não são entregues como arquivos. Onde um navegador não decifra sozinho, a página o faz, o que é mais fraco. Isso mantém honesto quem é honesto; não é uma proteção que ninguém possa quebrar.",
    },
    log: "O registro do servidor anota de cada pedido de que endereço de rede ele veio.",
    counted: (span) => `Cada exibição é contada e anotada no registro do servidor. O mesmo navegador conta uma vez em ${span}.`,
  },
  kept: {
    title: "Por quanto tempo fica guardado?",
    files: (span) => `Imagem e vídeo: ${span} a partir de quando fica pronto. Depois os dois são excluídos.`,
    row: (span) => `Que houve tal imagem, com seu nome e o que foi feito dela: ${span}.`,
    forEver: "Imagem e vídeo ficam guardados até que você os exclua ou falte espaço.",
    room: (size) => `Todos os vídeos prontos têm juntos ${size}. Se não bastar, saem antes: primeiro a lixeira, depois as imagens sem vídeo, depois os vídeos mais antigos de quem tem mais.`,
    pins: (size) => `Um vídeo que você fixa fica até que você o desafixe. De uma mesma rede podem ser fixados no máximo ${size}.`,
    pinsWithoutLimit: "Um vídeo que você fixa fica até que você o desafixe.",
    trash: (span) => `O que você exclui fica na lixeira por ${span}, ou menos se faltar espaço, e até lá pode ser restaurado.`,
    delete: "Excluído de vez quer dizer excluído: imagem, vídeo e tudo o que se fez deles. Só nas cópias de segurança que quem opera possa ter eles ficam enquanto elas durarem.",
  },
  elsewhere: {
    title: "Quem mais fica sabendo?",
    operatorsReceiver: "Um programa de quem opera este servidor fica sabendo quando cada imagem começa e termina. Não recebe imagem, nem vídeo, nem nome.",
    ownReceivers: "Um script pode indicar um programa seu que fica sabendo o mesmo das imagens dele, entre os que quem opera permite.",
    push: "Se você pedir, seu navegador é avisado de que um vídeo está pronto mesmo com a página fechada. Essa mensagem passa, cifrada, pelo serviço de avisos do fabricante do navegador. Você pode encerrar isso a qualquer momento.",
    nobody: "Ninguém.",
    page: "Esta página não carrega nada de outro lugar. Guarda um cookie, pelo qual você reencontra suas imagens, e o que você escolheu aqui no seu navegador.",
  },
};
