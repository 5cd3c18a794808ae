/* Owns the Italian words of the page that says what becomes of pictures. */

import { counting } from "../counting.js";

const { number, plural } = counting("it");
const pictures = (n) => plural(n, { one: "# immagine", many: "# di immagini", other: "# immagini" });

export default {
  title: "Che cosa succede alle tue immagini",
  home: "Invia immagini",
  contents: "In questa pagina",
  failed: "Il server non risponde, quindi al momento non si può dirne nulla.",
  again: "Riprova",
  send: {
    title: "Che cosa posso inviare?",
    formats: (formats) => `Immagini in ${formats}. Di una animata si prende il primo fotogramma.`,
    bytes: (size) => `Un file di ${size} al massimo.`,
    pixels: (n) => `Al massimo ${number(n)} megapixel, larghezza per altezza.`,
    waiting: (n) => `Al massimo ${pictures(n)} tue aspettano alla volta.`,
    networks: "Da una stessa rete, come quella di una casa, al massimo tre quarti di tutto ciò che può aspettare.",
    pace: (n) => `Fino a ${number(n)} al minuto, e qualcuna in più tutta insieme.`,
    token: "Per inviare serve il token di accesso di questo server. Lo ha chi lo gestisce.",
  },
  turn: {
    title: "Quando tocca a me?",
    "first-come": "Chi prima arriva, prima è servito.",
    fair: "A turno: ogni rete ne ha una, poi la successiva, e in una rete ogni browser ne ha una. Le duecento immagini di qualcuno non stanno davanti alla tua sola.",
    most: (n) => `In tutto aspettano al massimo ${pictures(n)}. Quando la coda è piena, la pagina riprova da sola.`,
    move: "Puoi spostare le tue immagini in attesa tra i loro posti. Nessun altro cambia posto per questo.",
    undo: (span) => `Un’immagine che annulli mentre aspetta riprende il suo posto se ci ripensi entro ${span}.`,
    attempts: (n) => plural(n, {
      one: "Un’immagine che ferma il modello non viene ritentata.",
      many: "Un’immagine che ferma il modello viene tentata al massimo # di volte. Poi fallisce, e ti viene detto.",
      other: "Un’immagine che ferma il modello viene tentata al massimo # volte. Poi fallisce, e ti viene detto.",
    }),
  },
  pictures: {
    title: "Che cosa succede alle mie immagini?",
    changed: (n) => `Ognuna viene raddrizzata e ridotta a ${number(n)} pixel al massimo sul lato più lungo.`,
    removed: "Tutto il resto che era nel file viene tolto: luogo e ora della foto, fotocamera, nome del proprietario. Il file che hai inviato viene eliminato appena è stato letto.",
    stored: (host) => `Immagine e video stanno in una cartella del server su ${host}.`,
    made: {
      here: "Anche il video viene fatto lì. Per questo l’immagine non va su nessun’altra macchina.",
      elsewhere: "Il video viene fatto lì o su altre macchine che chi gestisce questo server vi ha unito. Ricevono l’immagine con una connessione cifrata.",
    },
    model: (about) => `Del modello, chi lo gestisce dice: ${about}`,
    known: {
      network: "Con ogni immagine si conservano: il nome del file, che cosa è stato scelto, un’impronta del file, la sessione del browser che l’ha inviata e la rete da cui è venuta, perché la coda sia divisa con equità.",
      noNetwork: "Con ogni immagine si conservano: il nome del file, che cosa è stato scelto, un’impronta del file e la sessione del browser che l’ha inviata. Non la rete da cui è venuta, a meno che uno script non l’abbia inviata senza sessione.",
    },
  },
  seen: {
    title: "Chi può vederla?",
    yours: "Tu, nel browser che l’ha inviata. Per ogni altro browser non esiste.",
    commands: "I comandi che hai collegato a quel browser.",
    links: (span) => `Chi ha un link che hai creato: può guardare quel video, e nient’altro. Un link vale ${span} se non dici altro, e puoi revocarlo in ogni momento.`,
    scripts: "Ciò che uno script invia senza sessione lo vede chi conosce il suo lungo indirizzo casuale.",
    operator: "Chi gestisce questo server: vede la coda, i nomi dei file e ciò che scrive il modello, e può leggere ciò che sta sul disco del server.",
    videos: {
      byBrowser: "I video si guardano nella pagina, con una chiave per ogni visione che il browser stesso applica, e non vengono dati come file. Questo mantiene onesti gli onesti; non è una protezione che nessuno possa violare.",
      byPage: "I video si guardano nella pagina, con una chiave per ogni visione, e non vengono dati come file. Dove un browser non sa decifrare da sé, lo fa la pagina, che è più debole. Questo mantiene onesti gli onesti; non è una protezione che nessuno possa violare.",
    },
    log: "Il registro del server annota per ogni richiesta da quale indirizzo di rete è venuta.",
    counted: (span) => `Ogni visione viene contata e scritta nel registro del server. Lo stesso browser conta una volta in ${span}.`,
  },
  kept: {
    title: "Per quanto tempo si conserva?",
    files: (span) => `Immagine e video: ${span} da quando è pronto. Poi vengono eliminati entrambi.`,
    row: (span) => `Che c’è stata una tale immagine, con il suo nome e che cosa ne è stato: ${span}.`,
    forEver: "Immagine e video si conservano finché non li elimini o serve spazio.",
    room: (size) => `Tutti i video finiti hanno insieme ${size}. Se non basta, se ne vanno prima: prima il cestino, poi le immagini senza video, poi i video più vecchi di chi ne ha di più.`,
    pins: (size) => `Un video che fissi resta finché non lo sblocchi. Da una stessa rete si possono fissare al massimo ${size}.`,
    pinsWithoutLimit: "Un video che fissi resta finché non lo sblocchi.",
    trash: (span) => `Ciò che elimini resta nel cestino ${span}, o meno se serve spazio, e fino ad allora si può ripristinare.`,
    delete: "Eliminato per sempre vuol dire eliminato: immagine, video e tutto ciò che ne è stato fatto. Solo nelle copie di riserva che chi gestisce può avere restano quanto queste.",
  },
  elsewhere: {
    title: "A chi altro viene detto?",
    operatorsReceiver: "Un programma di chi gestisce questo server viene a sapere quando ogni immagine inizia e finisce. Non riceve immagine, né video, né nome.",
    ownReceivers: "Uno script può indicare un proprio programma a cui viene detto lo stesso delle sue immagini, tra quelli che chi gestisce permette.",
    push: "Se lo chiedi, il tuo browser viene avvisato che un video è pronto anche a pagina chiusa. Quel messaggio passa, cifrato, dal servizio di notifiche del produttore del browser. Puoi smettere in ogni momento.",
    nobody: "A nessuno.",
    page: "Questa pagina non carica nulla da altrove. Conserva un cookie, con cui ritrovi le tue immagini, e ciò che hai scelto qui nel tuo browser.",
  },
};
