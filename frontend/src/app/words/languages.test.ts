import { expect, test } from "vitest";

type Words = { [key: string]: string | Words };

const english = import.meta.glob<Words>("./en/*.json", { eager: true, import: "default" });
const german = import.meta.glob<Words>("./de/*.json", { eager: true, import: "default" });

const leaves = (words: Words, path = ""): [string, string][] =>
  Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

test.each(Object.entries(german))("%s says all that its English one says, with the same blanks", (file, words) => {
  const [en, de] = [new Map(leaves(english[file.replace("/de/", "/en/")] as Words)), new Map(leaves(words))];
  expect([...de.keys()].sort()).toEqual([...en.keys()].sort());
  for (const [key, text] of en) {
    expect(text.trim(), key).not.toBe("");
    expect((de.get(key) ?? "").trim(), key).not.toBe("");
    expect(blanks(de.get(key) ?? ""), key).toEqual(blanks(text));
  }
});
