import { expect, test } from "vitest";
import { cloud, parted } from "./features";

test("M-014: what is straight in the right features: a ring in x² and y², corners in x·y", () => {
  const [ring, corners, halves] = [cloud("ring", 150, 2), cloud("corners", 150, 2), cloud("halves", 150, 2)];
  expect(parted(halves, ["x", "y"], 300).accuracy).toBeGreaterThan(0.97);
  expect(parted(ring, ["x", "y"], 300).accuracy).toBeLessThan(0.75);
  expect(parted(ring, ["xx", "yy"], 300).accuracy).toBeGreaterThan(0.95);
  expect(parted(corners, ["x", "y", "xx", "yy"], 300).accuracy).toBeLessThan(0.75);
  expect(parted(corners, ["xy"], 300).accuracy).toBeGreaterThan(0.95);
});
