import { expect, test } from "vitest";
import { CARDS } from "../../learn/registry";
import english from "../words/en/learn.json";

test("every card that has words stands on a shelf, once", () => {
  expect(CARDS.map(({ id }) => id).sort()).toEqual(Object.keys(english.cards).sort());
});
