/* Owns the French words of the page that says what becomes of pictures. */

import { counting } from "../counting.js";

const { number, plural } = counting("fr");
const pictures = (n) => plural(n, { one: "# image", many: "# d’images", other: "# images" });

export default {
  title: "Ce que deviennent vos images",
  home: "Envoyer des images",
  contents: "Sur cette page",
  failed: "Le serveur ne répond pas\u00a0; on ne peut donc rien en dire pour le moment.",
  again: "Réessayer",
  send: {
    title: "Que puis-je envoyer\u00a0?",
    formats: (formats) => `Des images en ${formats}. D’une image animée, la première est prise.`,
    bytes: (size) => `Un fichier de ${size} au plus.`,
    pixels: (n) => `Au plus ${number(n)} mégapixels, largeur par hauteur.`,
    waiting: (n) => `Au plus ${pictures(n)} à vous attendent à la fois.`,
    networks: "D’un même réseau, par exemple celui d’un foyer, au plus les trois quarts de tout ce qui peut attendre.",
    pace: (n) => `Jusqu’à ${number(n)} par minute, et quelques-unes de plus d’un coup.`,
    token: "Pour envoyer, il faut le jeton d’accès de ce serveur. Qui l’exploite le possède.",
  },
  turn: {
    title: "Quand est-ce mon tour\u00a0?",
    "first-come": "Premier arrivé, premier servi.",
    fair: "À tour de rôle\u00a0: chaque réseau en a une, puis le suivant, et dans un réseau chaque navigateur en a une. Les deux cents images de quelqu’un ne passent pas avant votre seule.",
    most: (n) => `Au plus ${pictures(n)} attendent en tout. Quand la file est pleine, la page réessaie d’elle-même.`,
    move: "Vous pouvez déplacer vos propres images en attente entre leurs places. La place des autres n’en change pas.",
    undo: (span) => `Une image annulée pendant qu’elle attend retrouve sa place si vous changez d’avis dans les ${span}.`,
    attempts: (n) => plural(n, {
      one: "Une image qui arrête le modèle n’est pas réessayée.",
      many: "Une image qui arrête le modèle est essayée au plus # de fois. Puis elle échoue, et vous en êtes informé.",
      other: "Une image qui arrête le modèle est essayée au plus # fois. Puis elle échoue, et vous en êtes informé.",
    }),
  },
  pictures: {
    title: "Que deviennent mes images\u00a0?",
    changed: (n) => `Chacune est redressée et ramenée à ${number(n)} pixels au plus sur son plus grand côté.`,
    removed: "Tout le reste du fichier est retiré\u00a0: le lieu et l’heure de la photo, l’appareil, le nom du propriétaire. Le fichier que vous avez envoyé est supprimé dès qu’il a été lu.",
    stored: (host) => `L’image et la vidéo se trouvent dans un dossier du serveur à ${host}.`,
    made: {
      here: "La vidéo est faite là aussi. L’image ne va pour cela sur aucune autre machine.",
      elsewhere: "La vidéo est faite là ou sur d’autres machines que l’exploitant de ce serveur y a jointes. Elles reçoivent l’image par une connexion chiffrée.",
    },
    model: (about) => `Du modèle, son exploitant dit\u00a0: ${about}`,
    known: {
      network: "Gardés avec chaque image\u00a0: le nom de son fichier, ce qui a été choisi pour elle, une empreinte du fichier, la session de navigateur qui l’a envoyée et le réseau d’où elle vient, pour que la file soit partagée équitablement.",
      noNetwork: "Gardés avec chaque image\u00a0: le nom de son fichier, ce qui a été choisi pour elle, une empreinte du fichier et la session de navigateur qui l’a envoyée. Pas le réseau d’où elle vient, sauf si un script l’a envoyée sans session.",
    },
  },
  seen: {
    title: "Qui peut la voir\u00a0?",
    yours: "Vous, dans le navigateur qui l’a envoyée. Pour tout autre navigateur, elle n’existe pas.",
    commands: "Les commandes que vous avez connectées à ce navigateur.",
    links: (span) => `Qui a un lien de visionnage que vous avez créé\u00a0: il permet de regarder cette vidéo, et rien d’autre. Un lien vaut ${span} si vous ne dites rien d’autre, et vous pouvez le révoquer à tout moment.`,
    scripts: "Ce qu’un script envoie sans session est vu par qui connaît sa longue adresse aléatoire.",
    operator: "Qui exploite ce serveur\u00a0: la file, les noms des fichiers et ce qu’écrit le modèle lui sont visibles, et ce qui est sur le disque du serveur lui est lisible.",
    videos: {
      byBrowser: "Les vidéos se regardent sur la page, avec pour chaque visionnage une clé que le navigateur applique lui-même, et ne sont pas données comme fichiers. Cela garde honnêtes les gens honnêtes\u00a0; ce n’est pas une protection que personne ne pourrait forcer.",
      byPage: "Les vidéos se regardent sur la page, avec une clé pour chaque visionnage, et ne sont pas données comme fichiers. Là où un navigateur ne sait pas déchiffrer lui-même, la page le fait, ce qui est plus faible. Cela garde honnêtes les gens honnêtes\u00a0; ce n’est pas une protection que personne ne pourrait forcer.",
    },
    log: "Le journal du serveur note pour chaque requête de quelle adresse réseau elle vient.",
    counted: (span) => `Chaque visionnage est compté et noté dans le journal du serveur. Le même navigateur compte une fois en ${span}.`,
  },
  kept: {
    title: "Combien de temps est-ce gardé\u00a0?",
    files: (span) => `L’image et la vidéo\u00a0: ${span} à partir de la fin. Ensuite, les deux sont supprimées.`,
    row: (span) => `Qu’il y a eu une telle image, avec son nom et ce qu’elle est devenue\u00a0: ${span}.`,
    forEver: "L’image et la vidéo sont gardées jusqu’à ce que vous les supprimiez, ou que la place manque.",
    room: (size) => `Toutes les vidéos terminées ont ensemble ${size}. Si cela ne suffit pas, elles partent plus tôt\u00a0: d’abord la corbeille, puis les images sans vidéo, puis les plus anciennes vidéos de qui en a le plus.`,
    pins: (size) => `Une vidéo épinglée reste jusqu’à ce que vous la détachiez. D’un même réseau, au plus ${size} peuvent être épinglés.`,
    pinsWithoutLimit: "Une vidéo épinglée reste jusqu’à ce que vous la détachiez.",
    trash: (span) => `Ce que vous supprimez reste dans la corbeille ${span}, ou moins si la place manque, et peut être restauré jusque-là.`,
    delete: "Supprimé pour de bon veut dire supprimé\u00a0: l’image, la vidéo et tout ce qui en a été tiré. Seules les sauvegardes que l’exploitant peut avoir les gardent aussi longtemps qu’elles-mêmes.",
  },
  elsewhere: {
    title: "À qui d’autre est-ce dit\u00a0?",
    operatorsReceiver: "Un programme de l’exploitant de ce serveur apprend quand chaque image commence et se termine. Il ne reçoit ni image, ni vidéo, ni nom.",
    ownReceivers: "Un script peut nommer un programme à lui, qui apprend la même chose de ses images, parmi ceux que l’exploitant permet.",
    push: "Si vous le demandez, votre navigateur apprend qu’une vidéo est prête bien que la page soit fermée. Ce message passe, chiffré, par le service de messages du fabricant de votre navigateur. Vous pouvez y mettre fin à tout moment.",
    nobody: "À personne.",
    page: "Cette page ne charge rien d’ailleurs. Elle garde un cookie, par lequel vous retrouvez vos images, et ce que vous avez choisi ici dans votre navigateur.",
  },
};
