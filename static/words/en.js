/* Owns every English word of the page, but for those in en/ of parts that are loaded when they are wanted.
   A text that depends on something is a function of it. */

import { counting } from "./counting.js";

const { number, plural } = counting("en");
const many = (n, one, other) => plural(n, { one: `# ${one}`, other: `# ${other}` });
const whole = (text) => text.replace(" ", "\u00a0");
const pictures = (n) => many(n, "picture", "pictures");
const videos = (n) => many(n, "video", "videos");
const counted = (n, first) => (first ? many(n, "model", "models") : number(n));

const ON_THE_WAY = {
  401: "wants you to sign in",
  403: "does not let this through",
  407: "wants you to sign in",
  413: "takes no files of this size",
  429: "has had too many requests",
  502: "cannot reach Leyline",
  503: "cannot reach Leyline at the moment",
  504: "waited too long for Leyline",
};

export default {
  language: "en",
  comma: ", ",

  page: {
    language: "Language",
    skip: "Skip to your pictures",
    intake: "Send pictures",
    yours: "Your pictures",
    notices: "Notices",
    keys: "Keys",
    connect: "Connect the command line",
    about: "What happens to your pictures",
    show: "Show",
    emptyFilter: "None of these at the moment.",
    unknown: "There is no picture at this address. It may have been deleted, or belong to somebody else.",
    older: "Loading older ones…",
    trash: "What is in the trash is deleted for good after an hour, or sooner where room is needed.",
  },

  intake: {
    choose: "Choose pictures",
    photo: "Take a photo",
    folder: "Choose a folder",
    hint: "or drop or paste them anywhere on this page",
    drop: "Drop to send",
    limits: (formats, megabytes, megapixels) =>
      `${formats}${megabytes ? `, up to ${megabytes} MB` : ""}${megapixels ? ` and ${megapixels} megapixels` : ""}`,
    leftOut: (n) => `${many(n, "file is", "files are")} not a picture and ${n === 1 ? "was" : "were"} left out.`,
    nothing: "There are no pictures in that.",
  },

  line: {
    ahead: (n) => (n === 0 ? "Nobody ahead" : `${number(n)} ahead`),
    sentNow: (time) => `A picture sent now would be ready at about ${time}.`,
    sentNowUnknown: "A picture sent now joins the end of the line.",
    yours: (running, waiting) =>
      `Yours: ${[running && `${number(running)} being made`, waiting && `${number(waiting)} waiting`].filter(Boolean).join(", ")}`,
    others: (n) => `${many(n, "other", "others")} in line`,
    one: (length, about) => `Your video: ${about ? "about\u00a0" : ""}${length}`,
    oneSoon: "Your video: any moment",
    oneMade: "Your video is being made",
    oneWaits: "Your video is in line",
    several: (n, time) => `${number(n)}\u00a0of\u00a0yours: the\u00a0last at\u00a0${time}`,
    severalUnknown: (n) => `${number(n)} of yours in line`,
    paused: "The line is paused",
    pausedDetail: "Pictures sent now are kept until the line moves on.",
    drawing: (waiting, own) => `${pictures(waiting)} in line, ${number(own)} of them yours`,
  },

  /* At the head of the page, of what is being made. */
  now: {
    of: (n, total) => `${number(n)} of ${number(total)}`,
    ready: (time) => `ready ${time}`,
    show: (name) => `Show ${name}`,
    close: "Close the video",
  },

  model: {
    label: "Model",
    loading: "loading",
    ready: "ready",
    busy: "at work",
    restarting: "restarting",
    failed: "does not start",
    stopped: "stopped",
    paused: "paused",
    none: "none yet",
    several: {
      busy: (n, first) => `${counted(n, first)} at work`,
      ready: (n, first) => `${counted(n, first)} ready`,
      loading: (n, first) => `${counted(n, first)} loading`,
      failed: (n, first) => `${counted(n, first)} not starting`,
    },
    detail: {
      none: "No model has joined yet. Pictures sent now wait for one.",
      loading: "The model is loading. Pictures sent now wait for it.",
      restarting: "The model stopped and is being started again. Nothing is lost.",
      failed: "The model does not start. Pictures are kept and wait until it does.",
      stopped: "The server is stopping. Pictures already sent are kept.",
    },
  },

  connection: {
    connecting: "Connecting…",
    reconnecting: "Reconnecting…",
    model: "reconnecting…",
    reconnectingDetail: "This is how things last stood. Nothing is lost.",
    asks: "Live news does not get through here, so this page asks the server every few seconds instead.",
    away: (n) => `${videos(n)} finished while you were away.`,
  },

  card: {
    waiting: "Waiting to be sent",
    sending: "Being sent",
    checking: "Being checked",
    refused: "Not accepted",
    manyRefused: (n) => `${many(n, "file was", "files were")} not accepted`,
    andMore: (n) => `and ${n} more`,
    retrying: "Not sent yet",
    again: (seconds) => (seconds > 0 ? `Trying again in\u00a0${seconds}\u00a0s.` : "Trying again."),
    next: "Next in line",
    place: (position, size) => `${number(position)} of ${number(size)} in line`,
    queued: "In line",
    putBack: "Next in line again",
    canceling: "Canceling…",
    grace: (seconds) => `Canceled in\u00a0${seconds}\u00a0s`,
    succeeded: "Ready",
    expired: "No longer kept",
    expiredDetail: "The video was kept for its time and has been removed. Send the picture again for a new one.",
    failed: "No video",
    canceled: "Canceled",
    trashed: "In the trash",
    trashedUntil: (time) => `Deleted for good at ${time}`,
    lastSeen: "As last seen",
    attempt: (n, of) => `attempt ${n} of ${of}: the model stopped before`,
    readyAt: (time, in_) => `Ready at ${time}, ${in_}`,
    readyAbout: (time, in_) => `Ready at about ${time}, ${in_}`,
    brief: (time, in_, about) => `${about ? "about " : ""}${time}, ${in_}`,
    anyMoment: "Ready any moment",
    waits: {
      paused: "Waits until the line goes on",
      model_loading: "Waits until the model has started",
      model_failed: "Waits until the model has started",
    },
    keptUntil: (date) => `Kept until ${date}`,
    pinned: "Kept until you unpin it",
    goes: (in_) => `Goes ${in_}`,
    views: (n) => plural(n, { one: "watched once", other: "watched # times" }),
    alt: (name) => `What the model sees of ${name}`,
    altPreview: (name) => `Newest frame made from ${name}`,
    altLocal: (name) => `The picture ${name}`,
    progress: (name) => `Progress of ${name}`,
    unnamed: "Picture",
  },

  stages: {
    "looking at the picture": "Looking at it",
    generating: "Making frames", encoding: "Encoding", saving: "Saving", starting: "Starting",
  },

  timeline: {
    label: "What happened",
    uploaded: "sent",
    waited: (span) => `waited ${span}`,
    waiting: (span) => `waiting ${span}`,
    ran: (span) => `ran ${span}`,
    running: (span) => `running ${span}`,
  },

  actions: {
    cancel: "Cancel",
    keep: "Keep it",
    moving: "Move",
    retry: "Try again",
    again: "Send again",
    changes: "Send again with changes",
    delete: "Delete",
    restore: "Restore",
    purge: "Delete for good",
    replace: "Choose another",
    dismiss: "Dismiss",
    theatre: "Theatre",
    link: "Viewing links",
    pin: "Pin",
    unpin: "Unpin",
    play: "Play",
    open: "Show more",
    shut: "Show less",
    show: "Show",
    undo: "Undo",
    close: "Close",
    of: (action, name) => `${action}: ${name}`,
  },

  /* By tab: so many of what it shows. */
  clear: {
    all: (n) => `Delete ${number(n)} finished`,
    videos: (n) => `Delete ${videos(n)}`,
    problems: (n) => `Delete ${many(n, "problem", "problems")}`,
    trash: (n) => `Delete ${number(n)} for good`,
  },

  filters: { all: "All", line: "In line", videos: "Videos", problems: "Problems", trash: "Trash" },

  toasts: {
    canceled: (name) => `${name} was canceled.`,
    deleted: (name) => `${name} was deleted.`,
    cleared: (n) => `${pictures(n)} deleted.`,
    trashed: (name) => `${name} is in the trash.`,
    manyTrashed: (n) => `${pictures(n)} are in the trash.`,
    uploadCanceled: (name) => `${name} will not be sent.`,
    failed: "That did not work. Try again.",
    offline: "The server does not answer. Try again when it is back.",
    notLoaded: "This part of the page could not be loaded. Reload the page and try again.",
  },

  bell: {
    off: "Tell me when done",
    on: "Will tell you when done",
    denied: "Your browser does not allow messages here; a sound will play.",
    title: (name) => `${name} is ready`,
    failedTitle: (name) => `No video of ${name}`,
  },

  player: {
    unsupported: "This browser cannot play protected videos. Use a current Firefox, Chrome, Edge or Safari.",
    failed: "The video stopped. Press play to try again.",
    rest: "Making the rest …",
    preparing: "The video is being made ready for you. It plays by itself in a moment.",
    eme_needed: "This server shows videos only where the browser itself decrypts them: on its https address, in a current Firefox, Chrome, Edge or Safari.",
  },

  title: {
    percent: (percent) => `${percent} %`,
    busy: "being made",
    waiting: (n) => `${number(n)} waiting`,
    sending: (n) => `sending ${number(n)}`,
    done: (n) => `${number(n)} done`,
    reconnecting: "reconnecting…",
    home: "Leyline: from a picture to a video",
  },

  heard: {
    queued: (name, place) => `${name} is in line${place ? `, place ${place}` : ""}.`,
    started: (name) => `${name} has started.`,
    quarter: (name, percent) => `${name}: ${percent} percent.`,
    succeeded: (name) => `The video of ${name} is ready.`,
    failed: (name, why) => `No video of ${name}. ${why}`,
    canceled: (name) => `${name} is canceled.`,
    grace: (name) => `${name} will be canceled in 5 seconds, unless you keep it.`,
    putback: (name) => `${name} is next in line again.`,
    refused: (name, why) => `${name} was not accepted. ${why}`,
    many: {
      queued: (n) => `${pictures(n)} are in line.`,
      started: (n) => `${pictures(n)} have started.`,
      quarter: (n) => `${pictures(n)} moved on.`,
      succeeded: (n) => `${videos(n)} are ready.`,
      failed: (n) => `No video for ${pictures(n)}.`,
      canceled: (n) => `${pictures(n)} canceled.`,
      grace: (n) => `${pictures(n)} will be canceled in 5 seconds, unless you keep them.`,
      putback: (n) => `${pictures(n)} are in line again.`,
      refused: (n) => `${pictures(n)} were not accepted.`,
    },
    reconnecting: "The connection is lost. Reconnecting.",
    live: "Connected again.",
  },

  /* What is read as one has a space that no line is broken at. */
  span: {
    second: (n) => `in\u00a0${n}\u00a0s`,
    minute: (n) => `in\u00a0${n}\u00a0min`,
    hour: (n) => `in\u00a0${whole(many(n, "hour", "hours"))}`,
    day: (n) => `in\u00a0${whole(many(n, "day", "days"))}`,
  },
  length: {
    second: (n) => `${n}\u00a0s`,
    minute: (n) => `${n}\u00a0min`,
    hour: (n) => whole(many(n, "hour", "hours")),
    day: (n) => whole(many(n, "day", "days")),
  },

  steps: [
    ["Send", "Drop one picture, or a whole folder."],
    ["Wait, knowingly", "See its place in line and when it will be ready."],
    ["Watch", "The video plays right here."],
  ],

  /* What a server between this page and Leyline says by itself. */
  modelSays: (text) => `The model says: “${text}”`,

  onTheWay: (status) => `A server on the way ${ON_THE_WAY[status] ?? "refused this"} (${status}).`,

  /* The same where it is a limit: how much there was, and how much there may be. */
  numbered: {
    too_large: (size, most) => `The file is ${size}\u00a0MB; this server takes at most ${most}\u00a0MB. Send a smaller one.`,
    too_many_pixels: (size, most) => `The picture has ${size}\u00a0megapixels; the limit is ${most}. Make it smaller and send it again.`,
  },

  /* And in a list of files that were refused together. */
  why: {
    too_large: (size, most) => `${size}\u00a0MB; at most ${most}\u00a0MB`,
    too_many_pixels: (size, most) => `${size}\u00a0megapixels; at most ${most}`,
    empty_file: "empty",
    not_a_picture: "not a picture",
    unsupported_format: "not a kind of picture that is taken",
    damaged_picture: "damaged",
    unreadable: "cannot be read any more; choose it again",
  },

  /* By an error's stable code; a code that is missing here is told in the server's own words. */
  problems: {
    no_cookies: "Not sent: this page needs cookies to show you your video. Allow them and reload.",
    no_session: "Open this page again: the browser has lost its session.",
    watch_only: "This video is to be watched on its page.",
    ticket_refused: "This view is over. Start the video again.",
    view_ended: "This view has ended: the video was not finished this time.",
    key_used: "This view is over. Start the video again.",
    link_over: "This viewing link has ended. Ask the person who sent it for a new one.",
    link_not_ready: "The video is being made ready. Try again in a moment.",
    label_not_drawable: "No font on this server has all letters of that label. Use other letters, or do not burn it in.",
    too_many_links: "This video has reached its limit of viewing links. Revoke one first.",
    views_busy: "Many people are opening videos at this moment. Try again in a second.",
    not_ready: "The video is not ready yet.",
    pin_limit: "As many of your videos are pinned as may be. Unpin one first.",
    in_trash: "The video is in the trash. Restore it first.",
    no_video: "There is no video of this picture.",
    preview_over: "It has ended, and its preview with it.",
    empty_file: "The file is empty. Choose another picture.",
    too_large: "The file is too large. Send a smaller one.",
    not_a_picture: "This file is not a picture. Send a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file.",
    unsupported_format: "This kind of picture is not supported. Save it as JPEG or PNG and send that.",
    damaged_picture: "The picture is damaged and cannot be read to its end. Export it again and send the new file.",
    too_many_pixels: "The picture has too many pixels. Make it smaller and send it again.",
    line_full: "The line is full.",
    client_limit: "You, or all in your network, have reached a limit.",
    stopping: "The server is restarting.",
    database_busy: "The server is busy.",
    pictures_busy: "The server could not read pictures at this moment.",
    disk_low: "The server's disk is nearly full.",
    token_needed: "This server asks for an access token.",
    offline: "The server does not answer.",
    unreadable: "The file cannot be read any more. Choose it again.",
    bad_parameters: "The model will not take these settings. Change what is marked.",
    model_loading: "The model is loading; what can be chosen is not known yet.",
    parameters_changed: "The model has changed, and these settings no longer fit it. Send the picture again.",
    model_error: "The model could not make a video of this picture.",
    model_out_of_memory: "The model ran out of memory on this picture. A smaller one may work.",
    unsuitable: "The model says that it can make no video of this picture.",
    model_crashed: "The model crashed on this picture every time it was tried.",
    interrupted: "This picture was interrupted too many times, by stops or errors of the server, a full disk or lost machines.",
    picture_lost: "The picture's file is missing on the server. Send it again.",
    picture_missing: "The picture's file is missing on the server. Send it again.",
    video_missing: "The video's file is missing on the server. Send the picture again.",
    expired: "The video was kept for its time and has been removed. Send the picture again.",
    not_found: "It is not there any more.",
    task_running: "It is running. Cancel it first.",
    task_finished: "It has already finished.",
    task_not_finished: "It has not finished. Cancel it first, or wait for its end.",
    method_not_allowed: "This server cannot do that.",
  },
};
