import assert from "node:assert/strict";
import { test } from "node:test";
import { bars, median } from "../../../static/admin/chart.js";
import { share } from "../../../static/admin/disk.js";

test("the middle one is told, of an even number the lower", () => {
  assert.equal(median([]), null);
  assert.equal(median([7]), 7);
  assert.equal(median([30, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2);
});

test("bars are as high as their spans are long, and the newest stands at the right edge", () => {
  const drawn = bars([1, 2, 4], 60, 40, 6);
  assert.deepEqual(drawn.map(([x, , , high]) => [x, high]), [[30, 10], [40, 20], [50, 40]]);
  for (const [x, y, width, high] of drawn) assert.ok(x >= 0 && x + width <= 60 && y + high === 40);
});

test("of more than fit the newest are drawn, and what took no time is still seen", () => {
  const drawn = bars([9, 9, 0, 0], 20, 40, 2);
  assert.equal(drawn.length, 2);
  assert.ok(drawn.every(([, , , high]) => high === 1.5));
  assert.deepEqual(bars([]), []);
});

test("how full the room is, where there is a limit and somebody has measured", () => {
  assert.equal(share({ kept: 5, limit: 20 }), 0.25);
  assert.equal(share({ kept: 30, limit: 20 }), 1);
  assert.equal(share({ kept: 5, limit: 0 }), null);
  assert.equal(share({ kept: null, limit: 20 }), null);
});
