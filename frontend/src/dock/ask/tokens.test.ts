import { expect, test } from "vitest";
import { ofCharacters, read } from "./tokens";

const LETTERS = ["·", "A", "B", "C"];
const TEXT = ["�", "a", "b", "␣", "⏎"];
const WORDS = ["�", "the", "cat", "don't", ",", "b"];

test("letters are read one by one, small ones as capitals where only those are known", () => {
  expect(read("AbC", LETTERS)).toEqual({ tokens: [1, 2, 3], unknown: [] });
  expect(read("", LETTERS)).toEqual({ tokens: [], unknown: [] });
});

test("what leaves nothing to be seen is found by its mark", () => {
  expect(read("a b\n", TEXT)).toEqual({ tokens: [1, 3, 2, 4], unknown: [] });
});

test("what is not known is told, each once, and left out", () => {
  expect(read("AXAY X", LETTERS)).toEqual({ tokens: [1, 1], unknown: ["X", "Y", " "] });
  // The first token stands for nothing, or for all others: it cannot be typed.
  expect(read("·", LETTERS).unknown).toEqual(["·"]);
});

test("words and marks are parted", () => {
  expect(ofCharacters(LETTERS) && ofCharacters(TEXT)).toBe(true);
  expect(ofCharacters(WORDS)).toBe(false);
  expect(read("The cat, don't", WORDS)).toEqual({ tokens: [1, 2, 4, 3], unknown: [] });
  expect(read("the dog", WORDS)).toEqual({ tokens: [1], unknown: ["dog"] });
});
