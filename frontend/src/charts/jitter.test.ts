import { expect, test } from "vitest";
import { jitter } from "./jitter";

test("dots lie evenly: of the first 2^k − 1 none shares a cell, and none leaves the strip", () => {
  const cells = new Set(Array.from({ length: 63 }, (_, each) => Math.floor(64 * jitter(each))));
  expect(cells.size).toBe(63);
  expect([0, 1, 2, 3].map(jitter)).toEqual([0.5, 0.25, 0.75, 0.125]);
});
