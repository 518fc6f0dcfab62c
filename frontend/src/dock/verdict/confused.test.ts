import { expect, test } from "vitest";
import { byMistakes, mixedUp, shares, tints } from "./confused";

// Of cats 8 right and 2 taken for dogs; of dogs 1 for cats, 5 for hens, 4 right; hens all right; nobody is a cow.
const COUNTS = [8, 2, 0, 0, 1, 4, 5, 0, 0, 0, 7, 0, 0, 0, 0, 0];

test("classes with the most mistakes come first", () => {
  // Mistakes on a class and of others for it: cats 2 + 1, dogs 6 + 2, hens 5, cows none.
  expect(byMistakes(COUNTS, 4)).toEqual([1, 2, 0, 3]);
});

test("shares of what is, of what is said, and of the largest", () => {
  expect([...shares(COUNTS, 4, "rows")].slice(0, 8)).toEqual([0.8, 0.2, 0, 0, 0.1, 0.4, 0.5, 0]);
  const columns = shares(COUNTS, 4, "columns");
  expect([columns[0], columns[4], columns[10], columns[15]]).toEqual([8 / 9, 1 / 9, 7 / 12, 0]);
  expect(shares(COUNTS, 4, "counts")[1]).toBe(0.25);
  expect([...shares([0], 1, "counts")]).toEqual([0]);
});

test("mistakes are coloured by the largest of them, and none is too pale", () => {
  const found = tints(COUNTS, 4, "counts");
  expect([found[0], found[1], found[6], found[3]]).toEqual([0.25 + 0.75 * 0.8, 0.25 + 0.75 * 0.4, 1, 0]);
  expect(tints(COUNTS, 4, "columns")[4]).toBeCloseTo(0.25 + 0.75 / 9);
});

test("the pairs that are mixed up most", () => {
  expect(mixedUp(COUNTS, 4, 2)).toEqual([
    { truth: 1, answer: 2, count: 5 },
    { truth: 0, answer: 1, count: 2 },
  ]);
});
