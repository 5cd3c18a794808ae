import assert from "node:assert/strict";
import test from "node:test";
import { laidOver } from "../../../static/theatre/fit.js";

const size = ([width, height]) => ({ width, height });
const over = (picture, video) => laidOver(size(picture), size(video));
const WHOLE = { across: 1, down: 1 };

test("a picture lies exactly over a video of its shape, however the sides are rounded", () => {
  for (const [picture, video] of [[[1200, 800], [720, 480]], [[1201, 801], [1080, 720]], [[900, 1600], [480, 854]], [[5000, 3333], [1080, 720]]]) {
    assert.deepEqual(over(picture, video), { fit: "fill", ...WHOLE });
  }
});

test("of a picture that a model took as it is, the odd edge is what the video has cut off", () => {
  assert.deepEqual(over([33, 17], [32, 16]), { fit: "fill", across: 33 / 32, down: 17 / 16 });
  assert.deepEqual(over([1001, 668], [1000, 668]), { fit: "fill", across: 1001 / 1000, down: 1 });
  assert.deepEqual(over([1000, 668], [1000, 668]), { fit: "fill", ...WHOLE });
  assert.deepEqual(over([4096, 2050], [2048, 1024]), { fit: "fill", across: 1, down: 1025 / 1024 }, "as the model sees it");
});

test("a picture longer than any video stands in the middle of one, and what a model cuts is cut", () => {
  assert.deepEqual(over([4000, 500], [1440, 480]), { fit: "contain", ...WHOLE });
  assert.deepEqual(over([500, 4000], [480, 1440]), { fit: "contain", ...WHOLE });
  assert.deepEqual(over([1200, 900], [1280, 704]), { fit: "cover", ...WHOLE });
});
