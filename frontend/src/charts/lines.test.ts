import { expect, test } from "vitest";
import { roughly } from "./format";
import { zeroAt } from "./Lines";
import { extentOf } from "./Pairs";

test("a line's zero stands where it is between its least and its most, or nowhere", () => {
  expect(zeroAt(-1, 3, 40)).toBe(30);
  expect(zeroAt(0, 2, 40)).toBe(40);
  expect(zeroAt(-2, 0, 40)).toBe(0);
  expect(zeroAt(1, 2, 40)).toBeNull();
  expect(zeroAt(-2, -1, 40)).toBeNull();
  expect(zeroAt(0, 0, 40)).toBe(20);
});

test("what is compared is drawn from its least to its most, zero always with it", () => {
  expect(extentOf([0.5, 2], [-1])).toEqual([-1, 2]);
  expect(extentOf([3, 4], [])).toEqual([0, 4]);
  expect(extentOf([], [])).toEqual([0, 1]);
});

test("a little of something is never none, and nearly all never all", () => {
  expect(roughly(0)).toBe("0\u2009%");
  expect(roughly(0.312)).toBe("31\u2009%");
  expect(roughly(0.001)).toBe("<1\u2009%");
  expect(roughly(0.999)).toBe(">99\u2009%");
  expect(roughly(1)).toBe("100\u2009%");
});
