import { expect, test } from "vitest";
import {
  band,
  between,
  columns,
  firstFrom,
  lastUpTo,
  logTicks,
  reach,
  smoothed,
  ticks,
  type Values,
} from "./longLines";

const values = (y: number[], x = y.map((_, i) => i)): Values => ({ x, y, length: y.length });

test("no peak of 100,000 points is lost", () => {
  const y = Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 50));
  y[54_321] = 9;
  y[99_999] = -7;
  const { least, most } = columns(values(y), 0, 99_999, 800);
  expect(Math.max(...most)).toBe(9);
  expect(Math.min(...least)).toBe(-7);
  for (const column of [0, 400, 799]) {
    const inside = y.filter((_, i) => Math.min(799, Math.floor((i * 800) / 99_999)) === column);
    expect(least[column]).toBeLessThanOrEqual(Math.min(...inside));
    expect(most[column]).toBeGreaterThanOrEqual(Math.max(...inside));
  }
});

test("a column holds what a line through few points passes in it", () => {
  // Rises from 2 before the left edge to 8, falls to 0 behind the right one; looked at from 0 to 10 in 20 columns.
  const line = values([2, 8, 0], [-2, 4, 12]);
  const y = (x: number) => (x < 4 ? x + 4 : 12 - x);
  const { least, most } = columns(line, 0, 10, 20);
  for (let column = 0; column < 20; column++) {
    const passed = Array.from({ length: 51 }, (_, i) => y(column / 2 + i / 100));
    expect(least[column]).toBeCloseTo(Math.min(...passed), 9);
    expect(most[column]).toBeCloseTo(Math.max(...passed), 9);
  }
});

test("a line goes past what is no number or too small, and is nowhere outside its points", () => {
  const { least, most } = columns(values([4, Number.NaN, -1, Infinity, 4], [2, 3, 4, 5, 6]), 0, 10, 10, 0);
  expect(Array.from(most)).toEqual([NaN, NaN, 4, 4, 4, 4, 4, NaN, NaN, NaN]);
  expect(least).toEqual(most);
});

test("a stretch is found by its ends", () => {
  const four = values([1, 2, 3, 4], [10, 20, 30, 40]);
  expect([firstFrom(four, 5), firstFrom(four, 20), firstFrom(four, 21), firstFrom(four, 41)]).toEqual([0, 1, 2, 4]);
  expect([lastUpTo(four, 5), lastUpTo(four, 20), lastUpTo(four, 29), lastUpTo(four, 99)]).toEqual([-1, 1, 1, 3]);
  expect([between(four, 0), between(four, 25), between(four, 99)]).toEqual([1, 2.5, 4]);
});

test("what is seen decides how far the axis goes; on a logarithmic one only what is above 0", () => {
  expect(reach([values([5, 1, 9, -2])], 1, 2)).toEqual([1, 9]);
  expect(reach([values([5, 1, 9, -2])], 1, 2.5)).toEqual([-2, 9]); // the line leaves towards it
  expect(reach([values([5, 1, 9, -2])], 0, 3, 0)).toEqual([1, 9]);
  expect(reach([], 0, 1)).toBeNull();
});

test("smoothing by hand, with β = ½: 4; (½·2 + 1)/(¾) …", () => {
  const { y } = smoothed(values([4, 1]), 0.5);
  expect([y[0], y[1]]).toEqual([4, (0.5 * 2 + 0.5 * 1) / 0.75].map(Math.fround));
});

test("mean and spread over seeds by hand: 1, 2, 3 are 2 ± 1", () => {
  const found = band([values([1, 1]), values([2, 2]), values([3, 3])]);
  expect([found?.mean.y[0], found?.low.y[0], found?.high.y[0]]).toEqual([2, 1, 3]);
  expect(band([values([1])])).toBeNull();
});

test("ticks are round", () => {
  expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticks(0, 100_000, 6)).toEqual([0, 20_000, 40_000, 60_000, 80_000, 100_000]);
  expect(logTicks(0.01, 1)).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]);
  expect(logTicks(1e-6, 1)).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]);
});
