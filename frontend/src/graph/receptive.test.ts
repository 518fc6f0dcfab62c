import { expect, test } from "vitest";
import type { ReceptiveField } from "../wire/types";
import { seen, stepOf } from "./receptive";

test("C-023: three 3×3 without padding: each of the 26 units sees 7, one further than the last", () => {
  const whole: Omit<ReceptiveField, "start"> = {
    size: [7, 7],
    stride: [1, 2],
    every: [1, 1],
    windows: [[], []],
    first: [0, 0],
    last: [31, 31],
    whole: false,
  };
  const start: [number, number] = [0, -3];
  expect(seen({ ...whole, start }, 0, 0)).toEqual([0, 6]);
  expect(seen({ ...whole, start }, 0, 25)).toEqual([25, 31]);
  // With padding the first unit looks over the border.
  expect(seen({ ...whole, start }, 1, 0)).toEqual([-3, 3]);
  expect(seen({ ...whole, start }, 1, 1)).toEqual([-1, 5]);
  expect(seen({ ...whole, start: null }, 1, 1)).toBeNull();
  expect(stepOf({ ...whole, start }, 1)).toBe("2");
});

test("C-023: behind a doubling two units share a pixel; behind a bed of nails every other sees none", () => {
  const field: ReceptiveField = {
    size: [1, 1],
    stride: [1, 1],
    every: [2, 2],
    start: [0, 0],
    windows: [
      [
        [0, 0],
        [0, 0],
      ],
      [
        [0, 0],
        [1, 0],
      ],
    ],
    first: [0, 0],
    last: [13, 13],
    whole: false,
  };
  expect([0, 1, 2, 27].map((unit) => seen(field, 0, unit)?.[0])).toEqual([0, 0, 1, 13]);
  expect(seen(field, 1, 4)).toEqual([2, 2]);
  expect(seen(field, 1, 5)).toEqual([3, 2]);
  expect(stepOf(field, 0)).toBe("1/2");
});
