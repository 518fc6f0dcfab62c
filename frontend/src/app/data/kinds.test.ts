import { expect, test } from "vitest";
import type { AboutData } from "../../wire/types";
import { asNumber, asTaken, choices, lostBy } from "./kinds";

type Column = AboutData["columns"][number];
const column = (more: Partial<Column>): Column => ({
  ...{ name: "a", kind: "category", place: 0, missing: 0, distinct: 0, low: null, high: null, mean: null },
  ...{ deviation: null, histogram: [], whole: false, names: [], counts: [], readable: 0 },
  ...more,
});
const grades = column({ names: ["1", "2,5", "four"], counts: [2, 2, 3], missing: 1, distinct: 3 });

test("a word is a number as a table writes it, and nothing else", () => {
  expect(["1", "2,5", "-3.5e2", ".5", "four", "1 2", "", "0x10", "1e999"].map(asNumber)).toEqual([
    ...[1, 2.5, -350, 0.5, null, null, null, null, null],
  ]);
});

test("a category of which some are numbers may be numbers; what is lost is counted with what is known", () => {
  expect(choices(grades)).toEqual(["category", "number"]);
  expect(lostBy(grades, "number", 8)).toBe(3);
  // 1, 1, 2.5, 2.5: mean 1.75, every one 0.75 away.
  expect(asTaken(grades, "number", 8)).toMatchObject({
    ...{ kind: "number", missing: 4, mean: 1.75, deviation: 0.75, low: 1, high: 2.5, names: [] },
  });
  expect(lostBy(grades, undefined, 8)).toBe(0);
  expect(choices(column({ names: ["red", "blue"] }))).toEqual(["category"]);
});

test("few whole numbers may be names; free text may be read where some of it is numbers", () => {
  expect(choices(column({ kind: "number", names: ["0", "1"] }))).toEqual(["number", "category"]);
  expect(choices(column({ kind: "number" }))).toEqual(["number"]);
  const text = column({ kind: "text", readable: 40, missing: 5, mean: 3 });
  expect(choices(text)).toEqual(["text", "number"]);
  expect(asTaken(text, "number", 60)).toMatchObject({ kind: "number", missing: 20, mean: 3 });
  expect(choices(column({ kind: "text" }))).toEqual(["text"]);
});
