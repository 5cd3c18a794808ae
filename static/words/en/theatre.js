/* Owns the English words of the theatre. */

export default {
  previous: "Previous video",
  next: "Next video",
  place: (n, all) => `${n} of ${all}`,
  prompt: "What was wished for",
  compare: "Before and after",
  picture: "Picture",
  video: "Video",
  slide: "How much of the picture is seen",
  loop: "Loop",
  speed: "Speed",
  times: (speed) => `${speed}×`,
  full: "Full screen",
};
