import { expect, test } from "vitest";
import { CURVES, descend, evaluations, gridPlaces, numericGradient, turning } from "./slopes";

test("C-036: 10x² + 3x + 4 is least at −0.15, and 3.775 there", () => {
  const found = turning({ a: 10, b: 3, c: 4 });
  expect(found.kind).toBe("minimum");
  expect(found.x).toBeCloseTo(-0.15, 12);
  expect(found.y).toBeCloseTo(3.775, 12);
  expect(turning({ a: -1, b: 2, c: 0 })).toEqual({ kind: "maximum", x: 1, y: 1 });
  expect(turning({ a: 0, b: 2, c: 0 }).kind).toBe("none");
});

test("C-037: ten places in one, two and three dimensions", () => {
  expect([1, 2, 3].map((d) => evaluations(10, d))).toEqual([10, 100, 1000]);
  expect(gridPlaces(-2, 2, 5)).toEqual([-2, -1, 0, 1, 2]);
});

test("C-038, C-039: 2x² + 3y² at (1, 1) is 5 with the gradient [4, 6], by hand and by trying", () => {
  const f = (x: number, y: number) => 2 * x * x + 3 * y * y;
  expect(f(1, 1)).toBe(5);
  const [gx, gy] = numericGradient(f, 1, 1, 1e-4, true);
  expect(gx).toBeCloseTo(4, 8);
  expect(gy).toBeCloseTo(6, 8);
  // Forward, the error is the curvature times h: 2·h and 3·h.
  const [fx, fy] = numericGradient(f, 1, 1, 0.1, false);
  expect(fx).toBeCloseTo(4.2, 9);
  expect(fy).toBeCloseTo(6.3, 9);
});

test("T-012, V-035: the same hill, a good rate, one too high, and a stop", () => {
  const slope = (x: number) => 2 * x;
  expect(descend(slope, 4, 0.1, 1e-3, 500).ended).toBe("flat");
  expect(descend(slope, 4, 0.1, 1e-3, 5).xs).toEqual(
    [4, 3.2, 2.56, 2.048, 1.6384, 1.31072].map((x) => expect.closeTo(x, 9)),
  );
  expect(descend(slope, 4, 1.1, 1e-3, 500).ended).toBe("away");
  // A rate of exactly 1/curvature · 2 goes to and fro for ever.
  expect(descend(slope, 4, 1, 1e-3, 6).xs).toEqual([4, -4, 4, -4, 4, -4, 4]);
});

test.each(Object.entries(CURVES))("V-035: the slope of %s is what trying it says", (_, { f, slope, x }) => {
  for (const share of [0.05, 0.3, 0.7, 0.95]) {
    const at = x[0] + share * (x[1] - x[0]);
    expect(slope(at)).toBeCloseTo((f(at + 1e-5) - f(at - 1e-5)) / 2e-5, 5);
  }
});

test("V-035: the traps catch: the shallow valley, the flat, the terrace", () => {
  const shallow = descend(CURVES.valleys.slope, 2, 0.1, 1e-4, 500);
  const deep = descend(CURVES.valleys.slope, -2, 0.1, 1e-4, 500);
  expect(CURVES.valleys.f(deep.xs.at(-1) as number)).toBeLessThan(CURVES.valleys.f(shallow.xs.at(-1) as number) - 0.5);
  expect(descend(CURVES.plateau.slope, 4.5, 0.5, 0.001, 500).xs).toHaveLength(1);
  // The terrace: it stands on flat ground, and the bottom is still ahead.
  const caught = descend(CURVES.terrace.slope, -0.5, 0.02, 0.001, 500);
  expect(caught.ended).toBe("flat");
  expect(Math.abs(caught.xs.at(-1) as number)).toBeLessThan(0.02);
});
