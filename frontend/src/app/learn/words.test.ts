import { expect, test } from "vitest";
import { CARDS } from "../../learn/registry";
import german from "../words/de/learn.json";
import english from "../words/en/learn.json";

type Words = { [key: string]: string | Words };

const leaves = (words: Words, path = ""): [string, string][] =>
  Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

test("every word is there in English and in German, with the same blanks", () => {
  const [en, de] = [new Map(leaves(english)), new Map(leaves(german))];
  expect([...de.keys()].sort()).toEqual([...en.keys()].sort());
  for (const [key, text] of en) {
    expect(text.trim(), key).not.toBe("");
    expect(blanks(de.get(key) ?? ""), key).toEqual(blanks(text));
  }
});

test("every card that has words stands on a shelf, once", () => {
  expect(CARDS.map(({ id }) => id).sort()).toEqual(Object.keys(english.cards).sort());
});
