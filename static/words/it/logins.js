/* Owns the Italian words of the dialog in which a command is connected. */

export default {
  title: "Collega la riga di comando",
  intro: "Ciò che invia un comando collegato è tuo in questa pagina. Scrivi questo in un terminale, poi il codice che mostra:",
  code: "Codice",
  look: "Vedi chi lo chiede",
  asks: (name, address, at, until) => `«${name}» chiede di essere collegato, da ${address}, alle ${at}. Il suo codice vale fino alle ${until}.`,
  means: "Collegalo solo se l’hai appena avviato tu. Può inviare immagini a tuo nome, e vedere, annullare ed eliminare le tue.",
  connect: "Collega",
  refuse: "Non è mio",
  done: (name) => `«${name}» è collegato.`,
  refused: "Gli è stato detto di no.",
  connected: "Comandi collegati",
  none: "Ancora nessuno.",
  about: (address, since, used) => `Da ${address}, il ${since}. ${used ? `Ultimo uso: ${used}.` : "Non ancora usato."}`,
  disconnect: "Scollega",
  disconnectName: (name) => `Scollega «${name}»`,
  ended: (name) => `«${name}» è scollegato.`,
  problems: {
    code_unknown: "Nessun comando chiede con questo codice: è sbagliato, già usato, o i suoi dieci minuti sono passati.",
    too_many_logins: "Sono collegati tutti i comandi consentiti. Scollegane prima uno.",
    client_limit: "Troppi codici sbagliati. Aspetta un momento e scrivi il codice che il comando mostra adesso.",
  },
};
