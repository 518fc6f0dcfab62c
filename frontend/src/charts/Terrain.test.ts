import { expect, test } from "vitest";
import { heights } from "./Terrain";

test("a loss is as high as how many lie below it", () => {
  expect([...heights(Float32Array.from([5, 1, 1000, 2, 5]))]).toEqual([0.5, 0, 1, 0.25, 0.5]);
});

test("a flat loss is low everywhere", () => {
  expect([...heights(Float32Array.from([3, 3, 3]))]).toEqual([0, 0, 0]);
});
