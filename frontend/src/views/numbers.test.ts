import { expect, test } from "vitest";
import type { Frame } from "../state/runFrames";
import { rowsOf } from "./numbers";

const frame = (sizes: number[], values: number[], gradients?: number[]): Frame => {
  const arrays = { values, ...(gradients ? { gradients } : {}) };
  return {
    header: { about: { sizes } },
    arrays: new Map(
      Object.entries(arrays).map(([name, data]) => [name, { data: Float32Array.from(data), shape: [data.length] }]),
    ),
  } as unknown as Frame;
};

test("a number is a row of one, a vector one row, a table as many rows as it has", () => {
  expect(rowsOf(frame([], [2], [1]))).toEqual({ values: [[2]], slopes: [[1]] });
  expect(rowsOf(frame([3], [1, 2, 3], [0, 0, 1])).values).toEqual([[1, 2, 3]]);
  expect(rowsOf(frame([2, 2], [1, 2, 3, 4], [5, 6, 7, 8]))).toEqual({
    values: [
      [1, 2],
      [3, 4],
    ],
    slopes: [
      [5, 6],
      [7, 8],
    ],
  });
});

test("where no slope comes back there is none, not one of 0", () => {
  expect(rowsOf(frame([], [2])).slopes).toBeNull();
});
