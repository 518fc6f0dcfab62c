import { expect, test } from "vitest";
import type { RunSummary } from "../wire/types";
import { earlier } from "./earlier";

const run = (id: string, origin?: string) => ({ id, origin: origin ? { run: origin } : null }) as unknown as RunSummary;
const list = [run("7"), run("6", "2"), run("5"), run("4"), run("3"), run("2"), run("1")];
const found = (id: string, under: "none" | "before" | "origin" | "five") =>
  earlier(list, id, under).map((each) => each.id);

test("the run before, the one it began with, the last five, or none", () => {
  expect(found("7", "none")).toEqual([]);
  expect(found("6", "before")).toEqual(["5"]);
  expect(found("6", "origin")).toEqual(["2"]);
  expect(found("7", "origin")).toEqual([]);
  expect(found("7", "five")).toEqual(["6", "5", "4", "3", "2"]);
  expect(found("2", "five")).toEqual(["1"]);
  expect(found("1", "before")).toEqual([]);
  expect(found("of another board", "five")).toEqual([]);
});
