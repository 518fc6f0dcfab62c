import { expect, test } from "vitest";
import { type Detection, detections, iou, suppress } from "./boxes";

const box = (x0: number, y0: number, x1: number, y1: number, score = 1, label = 0): Detection => ({
  x0,
  y0,
  x1,
  y1,
  score,
  label,
});

test("C-048: boxes (0,0,2,2) and (1,1,3,3) overlap by 1/7", () => {
  expect(iou(box(0, 0, 2, 2), box(1, 1, 3, 3))).toBeCloseTo(1 / 7, 12);
  expect(iou(box(0, 0, 2, 2), box(0, 0, 2, 2))).toBe(1);
});

test("boxes that only touch, or have no area, share nothing", () => {
  expect(iou(box(0, 0, 1, 1), box(1, 0, 2, 1))).toBe(0);
  expect(iou(box(0.5, 0.5, 0.5, 0.5), box(0.5, 0.5, 0.5, 0.5))).toBe(0);
});

test("C-049: the best scored of overlapping boxes of one class stays", () => {
  const found = [box(0, 0, 2, 2, 0.6), box(0.1, 0, 2.1, 2, 0.9), box(5, 5, 6, 6, 0.5), box(0, 0, 2, 2, 0.7, 1)];
  const left = suppress(found, 0, 0.5);
  expect(left.map(({ score }) => score)).toEqual([0.9, 0.7, 0.5]);
});

test("C-049: an overlap of exactly the limit is kept, above it is not", () => {
  const pair = [box(0, 0, 2, 2, 0.9), box(1, 1, 3, 3, 0.8)];
  expect(suppress(pair, 0, 1 / 7)).toHaveLength(2);
  expect(suppress(pair, 0, 1 / 7 - 1e-6)).toHaveLength(1);
});

test("a box that lost does not remove others", () => {
  const chain = [box(0, 0, 4, 1, 0.9), box(1.5, 0, 5.5, 1, 0.8), box(3, 0, 7, 1, 0.7)];
  expect(suppress(chain, 0, 0.4).map(({ score }) => score)).toEqual([0.9, 0.7]);
});

test("the score slider removes what is below it", () => {
  expect(suppress([box(0, 0, 1, 1, 0.3), box(2, 2, 3, 3, 0.5)], 0.5, 1)).toHaveLength(1);
});

test("rows of class −1 are no boxes", () => {
  const rows = Float32Array.from([0, 0, 0, 0, 0, -1, 0.25, 0.5, 0.75, 1, 0.5, 2]);
  expect(detections(rows, 2)).toEqual([box(0.25, 0.5, 0.75, 1, 0.5, 2)]);
  expect(detections(rows, 1, 6)).toEqual([box(0.25, 0.5, 0.75, 1, 0.5, 2)]);
});
