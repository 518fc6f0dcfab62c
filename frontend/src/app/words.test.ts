import { expect, test } from "vitest";

type Words = { [key: string]: string | Words };
const read = (files: Record<string, unknown>): Record<string, Words> =>
  Object.fromEntries(Object.entries(files).map(([path, words]) => [path.split("/").at(-1), words as Words]));

const english = read(import.meta.glob("./words/en/*.json", { eager: true, import: "default" }));
const german = read(import.meta.glob("./words/de/*.json", { eager: true, import: "default" }));

/** Every text by its key, as the names of what is filled in. */
function blanks(words: Words, lead = ""): Record<string, string[]> {
  return Object.assign(
    {},
    ...Object.entries(words).map(([key, text]) =>
      typeof text === "string"
        ? { [lead + key]: [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? "").sort() }
        : blanks(text, `${lead + key}.`),
    ),
  );
}

test.each(Object.keys(german))("%s says the same in German, with the same blanks", (file) => {
  expect(blanks(german[file] as Words)).toEqual(blanks(english[file] as Words));
});
