import { expect, it } from "vitest";
import { reach } from "./Fit";
import { bins } from "./Residuals";

it("reaches a little beyond all series, and is never empty", () => {
  expect(reach([0, 10], [5, 20])).toEqual([-1, 21]);
  expect(reach([3, 3])).toEqual([2, 4]);
  expect(reach([])).toEqual([-1, 1]);
  expect(reach([Number.NaN])).toEqual([-1, 1]);
});

it("counts errors around 0, each part apart", () => {
  expect(bins([-2, -0.1, 0.1, 2, 2], [0, 0, 0, 0, 1], 5)).toEqual([[1, 0, 2, 0, 1], [0, 0, 0, 0, 1], 2]);
  expect(bins([0, 0], [0, 1], 3)).toEqual([[0, 1, 0], [0, 1, 0], 1]);
  expect(bins([], [], 3)).toEqual([[0, 0, 0], [0, 0, 0], 1]);
});
