import { expect, test } from "vitest";
import type { FieldInfo } from "../wire/types";
import { parsed, stepped, written } from "./field";

const field = (kind: FieldInfo["kind"], more: Partial<FieldInfo> = {}): FieldInfo => ({
  name: "f",
  title: "F",
  kind,
  default: 1,
  required: false,
  minimum: null,
  maximum: null,
  step: null,
  choices: [],
  labels: [],
  unit: "",
  help: "",
  ...more,
});

test.each([
  ["3", 3],
  ["3×5", [3, 5]],
  ["3x5", [3, 5]],
  ["4 4", 4],
  ["Same", "same"],
])("a size is read: %s", (text, value) => {
  expect(parsed(field("size", { choices: ["same"] }), text)).toEqual({ value });
});

test.each([
  ["50 M", 50_000_000],
  ["50,000", 50_000],
  ["1.5 GiB", 1_610_612_736],
  ["2 G", 2_000_000_000],
  ["2 GB", 2_000_000_000],
  ["61.706k", 61_706],
  ["7", 7],
])("a large whole number is read as people write it: %s", (text, value) => {
  expect(parsed(field("int"), text)).toEqual({ value });
});

test("what cannot be read is told in words", () => {
  const size = field("size", { minimum: 1, maximum: 64, choices: ["same"] });
  expect(parsed(size, "0")).toEqual({ fault: { key: "least", limit: 1 } });
  expect(parsed(size, "3×65")).toEqual({ fault: { key: "most", limit: 64 } });
  expect(parsed(size, "1×2×3")).toEqual({ fault: { key: "pairOr", choices: "same" } });
  expect(parsed(field("size"), "big")).toEqual({ fault: { key: "pair" } });
  expect(parsed(field("int"), "2.5")).toEqual({ fault: { key: "whole" } });
  expect(parsed(field("float"), "fast")).toEqual({ fault: { key: "number" } });
  expect(parsed(field("int"), " ")).toEqual({ fault: { key: "required" } });
  expect(parsed(field("float", { default: null }), "")).toEqual({ value: null });
});

test("decimals are read with a point, a comma, a true minus, and in powers of ten", () => {
  const float = field("float");
  expect(parsed(float, "0,5")).toEqual({ value: 0.5 });
  expect(parsed(float, "−2")).toEqual({ value: -2 });
  expect(parsed(float, "1e-3")).toEqual({ value: 0.001 });
});

test("steps follow the size of the number, and stop at the limits", () => {
  const rate = field("float", { minimum: 0 });
  expect(stepped(rate, 0.001, 1)).toBe(0.002);
  expect(stepped(rate, 0.001, -1)).toBe(0.0009);
  expect(stepped(rate, 0.3, -1)).toBe(0.2);
  expect(stepped(field("int", { maximum: 4 }), 4, 1)).toBeNull();
  expect(stepped(field("size"), [3, 5], 1)).toBe(4);
});

test("values are written as a person would", () => {
  expect(written([3, 5])).toBe("3×5");
  expect(written(0.001)).toBe("0.001");
  expect(written("same")).toBe("same");
  expect(written(null)).toBe("");
});
