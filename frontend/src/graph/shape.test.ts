import { expect, test } from "vitest";
import type { Problem } from "../wire/types";
import { amount, difference, memory } from "./amount";
import { mismatch } from "./mismatch";
import { chip, parseType, spelled } from "./shape";

test.each([
  ["float[C 3, H 32, W 32]", "3×32×32", "C 3 × H 32 × W 32"],
  ["float[D 84]", "84", "D 84"],
  ["float[]", "1", "1"],
  ["float[T ≤12, D 64]", "≤12×64", "T ≤12 × D 64"],
  ["index<10>[]", "1 of 10", "1 of 10"],
  ["index<12>[T ≤12]", "≤12 · 1 of 12", "T ≤12 · 1 of 12"],
  ["bool[T 12]", "12 mask", "T 12 · mask"],
  ["boxes<3>[N 6]", "≤6 boxes", "≤6 boxes · 3 kinds"],
  ["place<28×28>[C 6, H 14, W 14]", "6×14×14 places", "C 6 × H 14 × W 14 · places in 28×28"],
])("%s is %s on a wire", (type, short, long) => {
  expect(chip(type)).toBe(short);
  expect(spelled(type)).toBe(long);
});

test("what is no type stays as it is", () => {
  expect(parseType("nonsense[")).toBeNull();
  expect(chip("nonsense[")).toBe("nonsense[");
});

const complaint = (message: string) => ({ message }) as Problem;

test.each([
  ["loss: needs 10 scores, one for each class, but gets 16.", "float[D 16]", "16 ≠ 10"],
  [
    "add: needs equal shapes on all its wires; an image 64×32×32 and an image 32×32×32 arrive.",
    "float[C 32, H 32, W 32]",
    "32×32×32 ≠ 64×32×32",
  ],
  [
    "linear: needs a vector, or a sequence of vectors; an image 1×32×32 arrives.",
    "float[C 1, H 32, W 32]",
    "✕ 1×32×32",
  ],
])("a red wire says what is wrong: %s", (message, type, text) => {
  expect(mismatch(complaint(message), type)).toBe(text);
});

test.each([
  [0, "0"],
  [760, "760"],
  [61_706, "61.7\u2009k"],
  [416_520, "416.5\u2009k"],
  [999_999, "1\u2009M"],
  [714_188_480, "714.2\u2009M"],
  [-1_234, "−1.23\u2009k"],
])("%d is written %s", (value, text) => {
  expect(amount(value)).toBe(text);
});

test("differences carry their sign, bytes their unit", () => {
  expect(difference(8256)).toBe("+8.26\u2009k");
  expect(difference(-42)).toBe("−42");
  expect(memory(246_824)).toBe("246.8\u2009kB");
});
