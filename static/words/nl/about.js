/* Owns the Dutch words of the page that says what becomes of pictures. */

import { counting } from "../counting.js";

const { number, plural } = counting("nl");
const pictures = (n) => plural(n, { one: "# afbeelding", other: "# afbeeldingen" });

export default {
  title: "Wat er met je afbeeldingen gebeurt",
  home: "Afbeeldingen sturen",
  contents: "Op deze pagina",
  failed: "De server antwoordt niet, dus er is nu niets over te zeggen.",
  again: "Opnieuw proberen",
  send: {
    title: "Wat kan ik sturen?",
    formats: (formats) => `Afbeeldingen als ${formats}. Van een bewegende wordt het eerste beeld genomen.`,
    bytes: (size) => `Een bestand van hoogstens ${size}.`,
    pixels: (n) => `Hoogstens ${number(n)} megapixels, breedte maal hoogte.`,
    waiting: (n) => `Er wachten hoogstens ${pictures(n)} van jou tegelijk.`,
    networks: "Van één netwerk, zoals dat van een huishouden, hoogstens drie kwart van alles wat mag wachten.",
    pace: (n) => `Tot ${number(n)} per minuut, en nog wat ineens.`,
    token: "Om te sturen is het toegangstoken van deze server nodig. Wie hem beheert, heeft het.",
  },
  turn: {
    title: "Wanneer ben ik aan de beurt?",
    "first-come": "Wie het eerst komt, het eerst maalt.",
    fair: "Om de beurt: elk netwerk heeft er één, dan het volgende, en in een netwerk heeft elke browser er één. Iemands tweehonderd afbeeldingen staan niet voor die ene van jou.",
    most: (n) => `In totaal wachten er hoogstens ${pictures(n)}. Als de rij vol is, probeert de pagina het vanzelf opnieuw.`,
    move: "Je mag je eigen wachtende afbeeldingen tussen hun plaatsen verschuiven. Niemand anders komt daardoor elders te staan.",
    undo: (span) => `Een afbeelding die je annuleert terwijl ze wacht, krijgt haar plaats terug als je je binnen ${span} bedenkt.`,
    attempts: (n) => plural(n, {
      one: "Een afbeelding die het model stopt, wordt niet opnieuw geprobeerd.",
      other: "Een afbeelding die het model stopt, wordt hoogstens # keer geprobeerd. Dan mislukt ze, en je hoort het.",
    }),
  },
  pictures: {
    title: "Wat gebeurt er met mijn afbeeldingen?",
    changed: (n) => `Elke wordt rechtop gezet en niet groter gemaakt dan ${number(n)} pixels aan de langste kant.`,
    removed: "Al het andere in het bestand wordt verwijderd: plaats en tijd van de foto, de camera, de naam van de eigenaar. Het bestand dat je stuurde, wordt verwijderd zodra het gelezen is.",
    stored: (host) => `Afbeelding en video staan in een map van de server op ${host}.`,
    made: {
      here: "De video wordt daar ook gemaakt. De afbeelding gaat daarvoor naar geen andere machine.",
      elsewhere: "De video wordt daar gemaakt of op andere machines die de beheerder van deze server eraan heeft verbonden. Die krijgen de afbeelding over een versleutelde verbinding.",
    },
    model: (about) => `Over het model zegt de beheerder: ${about}`,
    known: {
      network: "Bij elke afbeelding wordt bewaard: de naam van het bestand, wat ervoor gekozen is, een vingerafdruk van het bestand, welke browsersessie haar stuurde en het netwerk waar ze vandaan kwam, zodat de rij eerlijk wordt gedeeld.",
      noNetwork: "Bij elke afbeelding wordt bewaard: de naam van het bestand, wat ervoor gekozen is, een vingerafdruk van het bestand en welke browsersessie haar stuurde. Niet het netwerk waar ze vandaan kwam, tenzij een script haar zonder sessie stuurde.",
    },
  },
  seen: {
    title: "Wie kan het zien?",
    yours: "Jij, in de browser die haar stuurde. Voor elke andere browser is ze er niet.",
    commands: "Opdrachten die je met die browser hebt verbonden.",
    links: (span) => `Wie een link heeft die jij maakte: die kan die video bekijken, en verder niets. Een link geldt ${span} als je niets anders zegt, en je kunt hem altijd intrekken.`,
    scripts: "Wat een script zonder sessie stuurt, ziet wie het lange, willekeurige adres kent.",
    operator: "Wie deze server beheert: die ziet de rij, namen van bestanden en wat het model uitvoert, en kan lezen wat op de schijf van de server staat.",
    videos: {
      byBrowser: "Video’s worden op de pagina bekeken, met voor elke weergave een sleutel die de browser zelf gebruikt, en niet als bestand gegeven. Dat houdt eerlijke mensen eerlijk; het is geen beveiliging die niemand kan breken.",
      byPage: "Video’s worden op de pagina bekeken, met een sleutel voor elke weergave, en niet als bestand gegeven. Waar een browser niet zelf kan ontsleutelen, doet de pagina het, wat zwakker is. Dat houdt eerlijke mensen eerlijk; het is geen beveiliging die niemand kan breken.",
    },
    log: "Het logboek van de server noteert van elk verzoek van welk netwerkadres het kwam.",
    counted: (span) => `Elke weergave wordt geteld en in het logboek van de server genoteerd. Dezelfde browser telt één keer in ${span}.`,
  },
  kept: {
    title: "Hoe lang wordt het bewaard?",
    files: (span) => `Afbeelding en video: ${span} vanaf dat het klaar is. Daarna worden beide verwijderd.`,
    row: (span) => `Dat er zo’n afbeelding was, met haar naam en wat ervan werd: ${span}.`,
    forEver: "Afbeelding en video worden bewaard tot je ze verwijdert of er ruimte nodig is.",
    room: (size) => `Alle afgeronde video’s samen hebben ${size}. Is dat niet genoeg, dan gaan ze eerder: eerst de prullenbak, dan afbeeldingen zonder video, dan de oudste video’s van wie er het meeste heeft.`,
    pins: (size) => `Een video die je vastzet, blijft tot je hem losmaakt. Van één netwerk mag hoogstens ${size} vastgezet zijn.`,
    pinsWithoutLimit: "Een video die je vastzet, blijft tot je hem losmaakt.",
    trash: (span) => `Wat je verwijdert, ligt ${span} in de prullenbak, of korter als er ruimte nodig is, en kan tot dan worden teruggezet.`,
    delete: "Voorgoed verwijderd betekent verwijderd: afbeelding, video en alles wat ervan gemaakt is. Alleen in back-ups die de beheerder kan hebben, blijven ze zo lang als die.",
  },
  elsewhere: {
    title: "Wie krijgt het nog te horen?",
    operatorsReceiver: "Een programma van de beheerder van deze server krijgt te horen wanneer elke afbeelding begint en klaar is. Het krijgt geen afbeelding, geen video en geen naam.",
    ownReceivers: "Een script kan een eigen programma noemen dat hetzelfde over zijn afbeeldingen te horen krijgt, onder die welke de beheerder toestaat.",
    push: "Als je erom vraagt, krijgt je browser bericht als een video klaar is terwijl de pagina gesloten is. Dat bericht gaat, versleuteld, via de berichtendienst van de maker van je browser. Je kunt er altijd mee stoppen.",
    nobody: "Niemand.",
    page: "Deze pagina laadt niets van elders. Ze bewaart één cookie, waardoor je je afbeeldingen terugvindt, en wat je hier koos in je browser.",
  },
};
