/* Owns how pictures get into the page: chosen, dropped, pasted, photographed, one or a whole folder.
   Leaves sending them to uploads.js, and judging a picture to the server, which reads its bytes. */

import { element, icon, setAttribute, setText } from "../element.js";
import { filesOf, onlyPictures } from "./folders.js";

const DEFAULT_FORMATS = ["jpeg", "png", "webp", "gif", "bmp", "tiff", "avif"].map((name) => `image/${name}`);
const CAMERA = "M4 7h3.5L9 5h6l1.500 2H20v12H4zM12 9.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z";
const FOLDER = "M3 6h6l2 2h10v11H3z";

export class Intake {
  /** `on` has files(files) and leftOut(count). `line` is what is said and drawn of the line. */
  constructor(words, line, on) {
    this.words = words;
    this.on = on;
    this.#build(line);
    this.#listen();
  }

  #build(line) {
    const { intake, page } = this.words;
    this.input = fileInput({ multiple: true, id: "choose" }, (files) => this.on.files(files));
    this.photo = fileInput({ capture: "environment", id: "photo" }, (files) => this.on.files(files));
    this.folder = fileInput({ webkitdirectory: true, id: "folder" }, (files) => this.#take(onlyPictures(files)));
    this.limits = element("p.limits");
    const buttons = element("div.intake-buttons", {},
      opener("button.primary", this.input, intake.choose),
      opener("button.secondary.camera", this.photo, icon(CAMERA), intake.photo),
      opener("button.secondary.desk", this.folder, icon(FOLDER), intake.folder),
      element("p.hint.desk", {}, intake.hint));
    this.element = element("section.intake", { "aria-label": page.intake, "data-drop": intake.drop },
      element("div.map", { "aria-hidden": "true" }),
      element("div.intake-words", {}, line.headline, line.detail), buttons,
      element("div.track", {}, line.drawing, line.model), line.yours, this.limits,
      this.input, this.photo, this.folder);
    this.allow({});
  }

  /** Take over the server's limits and formats, as it says them in its hello. */
  allow({ formats = DEFAULT_FORMATS, max_upload_bytes: bytes, max_pixels: pixels }) {
    const { intake, number } = this.words;
    for (const input of [this.input, this.photo]) setAttribute(input, "accept", formats.join(","));
    const [megabytes, megapixels] = [bytes, pixels].map((most) => most && number(most / 1e6));
    setText(this.limits, intake.limits(formats.map(formatName).join(", "), megabytes, megapixels));
  }

  /** Ask for one picture; resolves with it, and never when the person closes the dialog. */
  askForOne() {
    return new Promise((resolve) => {
      const input = fileInput({ accept: this.input.accept }, ([file]) => resolve(file));
      input.click();
    });
  }

  #listen() {
    let depth = 0;
    const dragging = (now) => setAttribute(document.documentElement, "data-dragging", now);
    addEventListener("dragenter", (event) => carriesFiles(event) && dragging((depth += 1) > 0));
    addEventListener("dragleave", (event) => carriesFiles(event) && dragging((depth = Math.max(0, depth - 1)) > 0));
    addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      dragging((depth = 0) > 0);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      filesOf(event.dataTransfer).then((found) => this.#take(found));
    });
    addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length || event.target.closest?.("input")) return;
      event.preventDefault();
      this.on.files(files);
    });
  }

  #take({ files, leftOut }) {
    if (files.length) this.on.files(files);
    if (leftOut || !files.length) this.on.leftOut(leftOut);
  }
}

const formatName = (type) => type.replace("image/", "").toUpperCase().replace("WEBP", "WebP");

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

function fileInput(attributes, taken) {
  const input = element("input", { type: "file", hidden: true, ...attributes });
  input.onchange = () => {
    const files = [...input.files];
    input.value = ""; // the same file can be chosen again
    if (files.length) taken(files);
  };
  return input;
}

function opener(name, input, ...content) {
  return element(name, { type: "button", onclick: () => input.click() }, ...content);
}
