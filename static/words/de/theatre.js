/* Owns the German words of the theatre. */

export default {
  previous: "Voriges Video",
  next: "Nächstes Video",
  place: (n, all) => `${n} von ${all}`,
  prompt: "Was gewünscht war",
  compare: "Vorher und nachher",
  picture: "Bild",
  video: "Video",
  slide: "Wie viel vom Bild zu sehen ist",
  loop: "Wiederholen",
  speed: "Tempo",
  times: (speed) => `${speed}×`,
  full: "Vollbild",
};
