import { expect, it } from "vitest";
import { parseHex } from "./ink";

it("reads colours as style sheets write them: a build shortens #ffffff to #fff", () => {
  expect(parseHex("#14181f")).toEqual([20, 24, 31]);
  expect(parseHex("#fff")).toEqual([255, 255, 255]);
  expect(parseHex(" #1af ")).toEqual([17, 170, 255]);
  expect(parseHex("none")).toEqual([128, 128, 128]);
});
