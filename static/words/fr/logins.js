/* Owns the French words of the dialog in which a command is connected. */

export default {
  title: "Connecter la ligne de commande",
  intro: "Ce qu’envoie une commande connectée est à vous sur cette page. Tapez ceci dans un terminal, puis le code qu’il affiche\u00a0:",
  code: "Code",
  look: "Voir qui demande",
  asks: (name, address, at, until) => `«\u00a0${name}\u00a0» demande à être connecté, depuis ${address}, depuis ${at}. Son code est valable jusqu’à ${until}.`,
  means: "Ne le connectez que si vous venez de le lancer vous-même. Il peut envoyer des images en votre nom, et voir, annuler et supprimer les vôtres.",
  connect: "Connecter",
  refuse: "Ce n’est pas à moi",
  done: (name) => `«\u00a0${name}\u00a0» est connecté.`,
  refused: "Il lui a été répondu non.",
  connected: "Commandes connectées",
  none: "Aucune encore.",
  about: (address, since, used) => `Depuis ${address}, le ${since}. ${used ? `Dernière utilisation\u00a0: ${used}.` : "Pas encore utilisée."}`,
  disconnect: "Déconnecter",
  disconnectName: (name) => `Déconnecter «\u00a0${name}\u00a0»`,
  ended: (name) => `«\u00a0${name}\u00a0» est déconnecté.`,
  problems: {
    code_unknown: "Aucune commande ne demande avec ce code\u00a0: il est mal tapé, déjà utilisé, ou ses dix minutes sont passées.",
    too_many_logins: "Il y a autant de commandes connectées que possible. Déconnectez-en une d’abord.",
    client_limit: "Trop de codes faux. Attendez un peu, et tapez le code que la commande affiche maintenant.",
  },
};
