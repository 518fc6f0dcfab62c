import { expect, test } from "vitest";
import { applied, merged } from "./merging";

const FIRST = {
  weight: [
    [1, -1],
    [0.5, 2],
  ],
  bias: [0, -1],
};
const SECOND = {
  weight: [
    [2, 1],
    [-1, 0.5],
  ],
  bias: [0.5, 0],
};

test("V-031: the one layer that two are, worked out by hand", () => {
  expect(merged(FIRST, SECOND)).toEqual({
    weight: [
      [2.5, 0],
      [-0.75, 2],
    ],
    bias: [-0.5, -0.5],
  });
});

test("V-031: it computes the same for any input", () => {
  for (const x of [
    [0, 0],
    [1, -1],
    [-3, 0.25],
    [7, 2],
  ]) {
    expect(applied(merged(FIRST, SECOND), x)).toEqual(applied(SECOND, applied(FIRST, x)));
  }
});

test("V-031: from three numbers by way of one to two", () => {
  const one = merged({ weight: [[1, 2, 3]], bias: [4] }, { weight: [[1], [10]], bias: [0, 1] });
  expect(one).toEqual({
    weight: [
      [1, 2, 3],
      [10, 20, 30],
    ],
    bias: [4, 41],
  });
});
