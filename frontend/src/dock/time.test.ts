import { expect, test } from "vitest";
import { left, spoken } from "./time";

test("durations are said in the unit that fits", () => {
  expect(spoken(42.4)).toEqual({ key: "time.seconds", seconds: "42" });
  expect(spoken(59.7)).toEqual({ key: "time.minutes", minutes: "1", seconds: "00" });
  expect(spoken(185)).toEqual({ key: "time.minutes", minutes: "3", seconds: "05" });
  expect(spoken(7800)).toEqual({ key: "time.hours", hours: "2", minutes: "10" });
  expect(spoken(-1)).toEqual({ key: "time.seconds", seconds: "0" });
});

test("what is left follows from the pace so far, once there is one", () => {
  expect(left({ step: 25, steps: 100, seconds: 10 })).toBe(30);
  expect(left({ step: 25, steps: 100, seconds: 0.2 })).toBeNull();
  expect(left({ step: 0, steps: 100, seconds: 10 })).toBeNull();
  expect(left({ step: 100, steps: 100, seconds: 10 })).toBeNull();
  expect(left({ step: 5, steps: 0, seconds: 10 })).toBeNull();
});
