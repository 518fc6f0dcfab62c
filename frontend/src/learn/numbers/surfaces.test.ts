import { expect, test } from "vitest";
import { numericGradient } from "./slopes";
import { SURFACES } from "./surfaces";

test.each(Object.entries(SURFACES))("V-022: the gradient of %s is what trying it says", (_, { f, gradient, x, y }) => {
  for (const share of [0.1, 0.35, 0.62, 0.9]) {
    const place = [x[0] + share * (x[1] - x[0]), y[1] - (1 - share * share) * (y[1] - y[0])] as const;
    const [gx, gy] = gradient(...place);
    const [tx, ty] = numericGradient(f, ...place, 1e-5, true);
    expect(gx).toBeCloseTo(tx, 6);
    expect(gy).toBeCloseTo(ty, 6);
  }
});

test.each(Object.entries(SURFACES))("the least of %s is nowhere undercut", (_, { f, x, y, least }) => {
  let found = Number.POSITIVE_INFINITY;
  for (let row = 0; row <= 300; row++) {
    for (let column = 0; column <= 300; column++) {
      found = Math.min(found, f(x[0] + ((x[1] - x[0]) * column) / 300, y[0] + ((y[1] - y[0]) * row) / 300));
    }
  }
  expect(found).toBeGreaterThanOrEqual(least - 1e-3);
  expect(found).toBeLessThan(least + 0.01);
});
