import { expect, test } from "vitest";
import { parse } from "./router";

test("an address names a page", () => {
  expect(parse("/")).toEqual({ page: "gallery" });
  expect(parse("/b/Ab3_-x")).toEqual({ page: "board", id: "Ab3_-x" });
  expect(parse("/b/Ab3_-x/compare")).toEqual({ page: "compare", id: "Ab3_-x" });
  expect(parse("/layers")).toEqual({ page: "layers" });
  expect(parse("/learn")).toEqual({ page: "learn", id: "" });
  expect(parse("/learn/least-squares")).toEqual({ page: "learn", id: "least-squares" });
  expect(parse("/learn/a/b")).toEqual({ page: "unknown" });
  expect(parse("/data")).toEqual({ page: "data" });
  expect(parse("/data/breast-cancer")).toEqual({ page: "dataSet", id: "breast-cancer" });
  expect(parse("/data/A/b")).toEqual({ page: "unknown" });
  expect(parse("/layers/x")).toEqual({ page: "unknown" });
  expect(parse("/b/")).toEqual({ page: "unknown" });
  expect(parse("/b/a/b")).toEqual({ page: "unknown" });
});
