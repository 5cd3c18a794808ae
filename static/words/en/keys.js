/* Owns the words of the dialog that lists the keys. */

export default {
  title: "Keys",
  intro: "All of this can be done without them, too.",
  space: "space",
  arrows: "to the next picture in that direction; ← and → from anywhere",
  play: "play the video, or pause it",
  cancel: "cancel this picture",
  undo: "undo what was done last",
  search: "search your videos",
  help: "show these keys",
  more: "They act on the picture that has the focus, and never while you write. Ctrl+Z, or ⌘Z, undoes as well.",
  on: "Keys without Ctrl do something on this page",
};
