import { expect, test } from "vitest";
import { decimate } from "./decimate";

const curve = (length: number, y: (i: number) => number) => ({
  x: Float64Array.from({ length }, (_, i) => 10 * i),
  y: Float64Array.from({ length }, (_, i) => y(i)),
  length,
});

test("a short curve stays as it is", () => {
  const points = curve(20, (i) => i * i);
  const [x, y] = decimate(points, 9);
  expect([...x]).toEqual([...points.x]);
  expect([...y]).toEqual([...points.y]);
});

test("a long one keeps both ends and every peak, in order, within the promised count", () => {
  const points = curve(100_000, (i) => (i === 43_210 ? 99 : i === 70_001 ? -99 : Math.sin(i / 500)));
  const [x, y] = decimate(points, 500);
  expect(x.length).toBeLessThanOrEqual(1002);
  expect(x.length).toBeGreaterThan(900);
  expect(Math.max(...y)).toBe(99);
  expect(Math.min(...y)).toBe(-99);
  expect(x[y.indexOf(99)]).toBe(432_100);
  expect(x[0]).toBe(0);
  expect(x.at(-1)).toBe(999_990);
  for (let i = 1; i < x.length; i++) expect(x[i]).toBeGreaterThan(x[i - 1] as number);
});

test("what lies behind the length of a growing array does not count", () => {
  const points = { ...curve(64, (i) => i), length: 3 };
  expect([...decimate(points, 10)[0]]).toEqual([0, 10, 20]);
});

test("NaN in between is skipped", () => {
  const [, y] = decimate(
    curve(1000, (i) => (i % 3 ? Number.NaN : i)),
    20,
  );
  expect([...y].slice(1, -1).every((value) => !Number.isNaN(value))).toBe(true);
});
