import { beforeEach, expect, test } from "vitest";
import { fold, mostUsed, noteUse, useUi } from "./ui";

beforeEach(() => useUi.setState({ folded: [], used: {} }));

test("a family is folded and opened again, and that is kept", () => {
  fold("loss");
  fold("data");
  expect(useUi.getState().folded).toEqual(["loss", "data"]);
  expect(localStorage.getItem("chalknet.ui")).toContain('"folded":["loss","data"]');
  fold("loss");
  expect(useUi.getState().folded).toEqual(["data"]);
});

test("what was added most comes first; once is no habit", () => {
  for (const key of ["relu", "conv2d", "conv2d", "linear", "linear", "linear", "flatten"]) noteUse(key);
  expect(mostUsed(useUi.getState().used, 5)).toEqual(["linear", "conv2d"]);
  expect(mostUsed(useUi.getState().used, 1)).toEqual(["linear"]);
});
