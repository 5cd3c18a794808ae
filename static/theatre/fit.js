/* Owns where a picture lies over a frame of the video that was made of it. Pure.
   The danger is a shift that looks like a difference: a model may take the picture as it is, cut off an odd edge, bring
   it to a size of its own, or put one that is longer than any video into the middle of one. */

const LONGEST = 2048; // of a picture as the model sees it
const LONGEST_SHAPE = 3; // of a video
const ROUNDING = 2; // pixels by which a side may be off, as video has even ones only

/** `fit`, as object-fit has it, and how large the picture is in frames: `across` and `down`. Beyond 1 it is cut off on
    the right and at the bottom. `picture` is what was sent, upright. */
export function laidOver(picture, video) {
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  if (isCut(width, video.width) && isCut(height, video.height)) {
    return { fit: "fill", across: width / video.width, down: height / video.height };
  }
  const shape = width / height;
  const isSame = Math.abs(video.height * shape - video.width) <= ROUNDING || Math.abs(video.width / shape - video.height) <= ROUNDING;
  const isLong = Math.max(shape, 1 / shape) > LONGEST_SHAPE;
  return { fit: isSame ? "fill" : isLong ? "contain" : "cover", across: 1, down: 1 };
}

const isCut = (side, of) => side === of || side === of + 1;
