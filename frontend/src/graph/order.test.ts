import { expect, test } from "vitest";
import { between } from "./order";

test("there is always room between two keys", () => {
  const keys = ["", ""];
  let seed = 1;
  for (let count = 0; count < 400; count += 1) {
    seed = (seed * 48271) % 2147483647;
    const place = seed % (keys.length - 1);
    const made = between(keys[place] as string, keys[place + 1] as string);
    expect(made > (keys[place] as string)).toBe(true);
    if (keys[place + 1]) expect(made < (keys[place + 1] as string)).toBe(true);
    keys.splice(place + 1, 0, made);
  }
  expect(new Set(keys.slice(1, -1)).size).toBe(400);
});

test("keys stay short where entries are added at the end", () => {
  let last = "";
  for (let count = 0; count < 12; count += 1) last = between(last, "");
  expect(last.length).toBeLessThan(6);
});
