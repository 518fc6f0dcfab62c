import { describe, expect, test } from "vitest";
import {
  CLASS_COLOURS,
  type ColourTable,
  DIVERGING,
  INTENSITY,
  inkOn,
  packed,
  SEQUENTIAL,
  toLab,
  unpacked,
} from "./colours";

const labs = (table: ColourTable) => [...table].map((colour) => toLab(unpacked(colour)));

function steps(table: ColourTable): number[] {
  const colours = labs(table);
  return colours.slice(8).map((colour, i) => {
    const before = colours[i] as (typeof colours)[0];
    return Math.hypot(colour[0] - before[0], colour[1] - before[1], colour[2] - before[2]);
  });
}

test("a colour survives packing", () => {
  expect(unpacked(packed([1, 128, 255]))).toEqual([1, 128, 255]);
  expect(packed([1, 128, 255]) >>> 24).toBe(255);
});

describe("the sequential table", () => {
  test("has 256 colours whose lightness only rises, from dark to light", () => {
    const lightness = labs(SEQUENTIAL).map(([value]) => value);
    expect(lightness).toHaveLength(256);
    for (let i = 2; i < 256; i++) expect(lightness[i]).toBeGreaterThan(lightness[i - 2] as number);
    expect(lightness[0]).toBeLessThan(0.3);
    expect(lightness[255]).toBeGreaterThan(0.88);
  });

  test("is uniform: equal steps of value are equal steps to the eye", () => {
    const distances = steps(SEQUENTIAL);
    const mean = distances.reduce((sum, each) => sum + each, 0) / distances.length;
    expect(Math.max(...distances) / mean).toBeLessThan(1.25);
    expect(Math.min(...distances) / mean).toBeGreaterThan(0.75);
  });
});

describe.each(["light", "dark"] as const)("on the %s page", (theme) => {
  test("the diverging table is neutral in the middle and as far from it on either side", () => {
    const colours = labs(DIVERGING[theme]);
    const [, a, b] = colours[128] as (typeof colours)[0];
    expect(Math.hypot(a, b)).toBeLessThan(0.02);
    for (let i = 0; i < 128; i += 8) {
      const [below, above] = [colours[i], colours[255 - i]] as [(typeof colours)[0], (typeof colours)[0]];
      expect(Math.abs(below[0] - above[0])).toBeLessThan(0.03);
    }
  });

  test("negative is blue and positive is orange: told apart without red and green", () => {
    const [negative, positive] = [unpacked(DIVERGING[theme][0] as number), unpacked(DIVERGING[theme][255] as number)];
    expect(negative[2]).toBeGreaterThan(negative[0]);
    expect(positive[0]).toBeGreaterThan(positive[2]);
  });

  test("intensity begins at the page's ground and grows evenly", () => {
    const distances = steps(INTENSITY[theme]);
    expect(Math.max(...distances)).toBeLessThan(1.6 * Math.min(...distances));
  });

  test("every class has a colour of its own", () => {
    expect(new Set(CLASS_COLOURS[theme].map(String)).size).toBe(10);
  });
});

test("ink is dark on light and light on dark", () => {
  expect(inkOn([255, 230, 120])).toBe("#0b0d12");
  expect(inkOn([30, 20, 90])).toBe("#ffffff");
});
