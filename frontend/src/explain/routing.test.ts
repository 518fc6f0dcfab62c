import { describe, expect, test } from "vitest";
import type { Slide } from "./arithmetic";
import { change, edges, moved, routed } from "./routing";

const one = (kernel: number, stride = 1, padding = 0): Slide => ({
  kernel,
  stride,
  padding: [padding, padding],
  dilation: 1,
});
const GRID = [
  [1, 1, 2, 4],
  [5, 6, 7, 8],
  [3, 2, 1, 0],
  [1, 2, 3, 4],
];
const FOUR = [
  [1, 2],
  [3, 4],
];

describe("V-032: the gradient on its way back through a pooling", () => {
  test("a maximum routes it to the one that won", () => {
    expect(routed(GRID, one(2, 2), one(2, 2), "max", FOUR)).toEqual([
      [0, 0, 0, 0],
      [0, 1, 0, 2],
      [3, 0, 0, 0],
      [0, 0, 0, 4],
    ]);
  });

  test("a mean shares it out", () => {
    expect(routed(GRID, one(2, 2), one(2, 2), "mean", FOUR)).toEqual([
      [0.25, 0.25, 0.5, 0.5],
      [0.25, 0.25, 0.5, 0.5],
      [0.75, 0.75, 1, 1],
      [0.75, 0.75, 1, 1],
    ]);
  });

  test("where windows overlap, what arrives is added up", () => {
    const wide = routed(GRID, one(3), one(3), "max", FOUR);
    // 7 wins the left upper window, 8 the right upper one; 7 and 8 those below.
    expect(wide[1]).toEqual([0, 0, 1 + 3, 2 + 4]);
    expect(wide.flat().reduce((a, b) => a + b, 0)).toBe(10);
  });

  test("what a mean gives to its padding is lost, unless that is left out", () => {
    const grid = [[8]];
    const [row, column] = [one(1), { ...one(2), padding: [1, 0] as const }];
    expect(routed(grid, row, column, "mean", [[6]])).toEqual([[3]]);
    expect(routed(grid, row, column, "inner", [[6]])).toEqual([[6]]);
  });
});

describe("V-033: a picture that is moved", () => {
  test("moves to the right and to the left", () => {
    expect(moved([[1, 2, 3]], 1)).toEqual([[0, 1, 2]]);
    expect(moved([[1, 2, 3]], -2)).toEqual([[3, 0, 0]]);
  });

  test("what is counted as change", () => {
    expect(change([[1, 3]], [[1, 3]])).toBe(0);
    expect(change([[0, 1, 0]], [[0, 0, 1]])).toBe(2);
    expect(change([[2, 2]], [[3, 2]])).toBe(0.25);
    expect(change([[0]], [[5]])).toBe(0);
  });

  test("edges are where it gets brighter to the right", () => {
    expect(
      edges([
        [0, 0, 1, 1],
        [0, 0, 1, 1],
        [0, 0, 1, 1],
      ])[1],
    ).toEqual([0, 4, 4, 0]);
  });
});
