/* Owns the English words of the page that says what becomes of pictures. Stretches of time and sizes come with their units. */

import { counting } from "../counting.js";

const { number, plural } = counting("en");
const pictures = (n) => plural(n, { one: "# picture", other: "# pictures" });

export default {
  title: "What happens to your pictures",
  home: "Send pictures",
  contents: "On this page",
  failed: "The server does not answer, so nothing can be said about it at the moment.",
  again: "Try again",

  send: {
    title: "What can I send?",
    formats: (formats) => `Pictures as ${formats}. Of a moving one, the first frame is taken.`,
    bytes: (size) => `A file of at most ${size}.`,
    pixels: (n) => `At most ${number(n)} megapixels, width times height.`,
    waiting: (n) => `You can have at most ${pictures(n)} waiting at a time.`,
    networks: "From one network, such as one household's, at most three quarters of all that may wait.",
    pace: (n) => `Up to ${number(n)} in a minute, and some more at once.`,
    token: "Sending needs the access token of this server. Whoever runs it has it.",
  },
  turn: {
    title: "When is it my turn?",
    "first-come": "First come, first served.",
    fair: "In turns: each network has one, then the next, and in a network each browser has one. Somebody's two hundred pictures do not stand before your single one.",
    most: (n) => `Altogether there is room for ${pictures(n)} in line. When the line is full, the page tries again by itself.`,
    move: "You may move your own waiting pictures among their places. Nobody else stands elsewhere for it.",
    undo: (span) => `A picture that you cancel while it waits has its place back if you think better of it within ${span}.`,
    attempts: (n) => plural(n, {
      one: "A picture that stops the model is not tried again.",
      other: "A picture that stops the model is tried at most # times. Then it fails, and you are told.",
    }),
  },
  pictures: {
    title: "What happens to my pictures?",
    changed: (n) => `Each is turned upright and made no larger than ${number(n)} pixels on its longer side.`,
    removed: "All else that was in the file is removed: the place and time of the photo, the camera, the name of its owner. The file that you sent is deleted as soon as it has been read.",
    stored: (host) => `Picture and video lie in a folder of the server at ${host}.`,
    made: {
      here: "The video is made there too. The picture goes to no other machine for it.",
      elsewhere: "The video is made there or on other machines that this server's operator has joined to it. They get the picture over an encrypted connection.",
    },
    model: (about) => `About the model, its operator says: ${about}`,
    known: {
      network: "Kept with each picture: its file's name, what was chosen for it, a digest of the file, which browser session sent it, and the network that it came from, so that the line is shared fairly.",
      noNetwork: "Kept with each picture: its file's name, what was chosen for it, a digest of the file, and which browser session sent it. Not the network that it came from, unless a script sent it without a session.",
    },
  },
  seen: {
    title: "Who can see it?",
    yours: "You, in the browser that sent it. To every other browser it is not there.",
    commands: "Commands that you have connected to that browser.",
    links: (span) => `Whoever has a viewing link that you made: they can watch that video, and nothing else. A link works for ${span} unless you say otherwise, and you can revoke it at any time.`,
    scripts: "What a script sends without a session is seen by whoever knows its long, random address.",
    operator: "Whoever runs this server: they see the line, files' names and what the model prints, and can read what lies on the server's disk.",
    videos: {
      byBrowser: "Videos are watched on the page, with a key for each view that the browser itself applies, and not handed out as files. That keeps honest people honest; it is no copy protection that nobody could break.",
      byPage: "Videos are watched on the page, with a key for each view, and not handed out as files. Where a browser cannot decrypt by itself, the page does, which is weaker. That keeps honest people honest; it is no copy protection that nobody could break.",
    },
    log: "The server's log says of each request from which network address it came.",
    counted: (span) => `Each view is counted and written to the server's log. The same browser counts once in ${span}.`,
  },
  kept: {
    title: "How long is it kept?",
    files: (span) => `Picture and video: ${span} from when it is done. After that both are deleted.`,
    row: (span) => `That there was such a picture, with its name and what became of it: ${span}.`,
    forEver: "Picture and video are kept until you delete them, or room is needed.",
    room: (size) => `All finished videos together have ${size}. Where that is not enough, they go sooner: first the trash, then pictures without a video, then the oldest videos of whoever has most.`,
    pins: (size) => `A video that you pin stays until you unpin it. From one network at most ${size} may be pinned.`,
    pinsWithoutLimit: "A video that you pin stays until you unpin it.",
    trash: (span) => `What you delete lies in the trash for ${span}, or less where room is needed, and can be restored until then.`,
    delete: "Deleted for good means deleted: picture, video and all that was made of them. Only in backups that the operator may have do they stay as long as these.",
  },
  elsewhere: {
    title: "Who else is told?",
    operatorsReceiver: "A program of this server's operator is told when each picture is begun and done. It gets no picture, no video and no name.",
    ownReceivers: "A script may name a program of its own that is told the same of its pictures, among those that the operator allows.",
    push: "If you ask for it, your browser is told when a video is ready though the page is closed. That message goes, encrypted, over the push service of your browser's maker. You can end it at any time.",
    nobody: "Nobody.",
    page: "This page loads nothing from anywhere else. It keeps one cookie, by which you find your pictures again, and what you chose here in your browser.",
  },
};
