import { beforeEach, expect, test } from "vitest";
import type { Inferred, Problem } from "../wire/types";
import { forgetFacts, receiveFacts, useFacts } from "./facts";

const problem = (node: string, message: string, ...titles: string[]): Problem => ({
  code: "kind",
  severity: "error",
  node,
  edge: null,
  field: null,
  message,
  hint: "",
  fixes: titles.map((title) => ({ title, adds_parameters: 0, adds_macs: 0, edits: [] })),
});

const message = (problems: Problem[], seeking: boolean): Inferred =>
  ({ event: "inferred", full: false, nodes: {}, removed: [], problems, seeking }) as unknown as Inferred;

const shown = () => useFacts.getState().problems.map(({ node, fixes }) => [node, ...fixes.map(({ title }) => title)]);

beforeEach(forgetFacts);

test("ways out come after the facts; those of a problem that stays are kept until then", () => {
  receiveFacts(message([problem("a", "a: wrong."), problem("b", "b: wrong.")], true));
  expect(useFacts.getState().seeking).toBe(true);
  expect(shown()).toEqual([["a"], ["b"]]);
  receiveFacts(message([problem("a", "a: wrong.", "Cut"), problem("b", "b: wrong.", "Widen")], false));
  expect(useFacts.getState().seeking).toBe(false);
  expect(shown()).toEqual([
    ["a", "Cut"],
    ["b", "Widen"],
  ]);
  // The next edit: a is as it was, b complains of other numbers, c is new.
  receiveFacts(message([problem("a", "a: wrong."), problem("b", "b: 5."), problem("c", "c: wrong.")], true));
  expect(shown()).toEqual([["a", "Cut"], ["b"], ["c"]]);
  receiveFacts(message([problem("a", "a: wrong."), problem("b", "b: 5.", "Narrow")], false));
  expect(shown()).toEqual([["a"], ["b", "Narrow"]]);
});
