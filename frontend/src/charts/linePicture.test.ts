import { describe, expect, test } from "vitest";
import { axisRange, writeColumns } from "./linePicture";

const write = (least: number[], most: number[], height: number, options: { thick?: number; dashed?: boolean } = {}) => {
  const pixels = new Uint32Array(least.length * height);
  writeColumns(
    pixels,
    { width: least.length, height },
    { least: Float64Array.from(least), most: Float64Array.from(most) },
    (value) => height - value,
    { colour: 7, opacity: 1, thick: 1, ...options },
  );
  return Array.from({ length: height }, (_, row) =>
    Array.from(pixels.subarray(row * least.length, (row + 1) * least.length), (cell) =>
      cell >>> 24 === 255 ? "#" : cell === 0 ? "." : "+",
    ).join(""),
  );
};

describe("a curve in pixels", () => {
  test("covers in each column what lies between its least and its greatest value", () => {
    expect(write([0.5, 1.5], [2.5, 2.5], 4)).toEqual(["..", "##", "##", "#."]);
  });

  test("covers half of a pixel half", () => {
    expect(write([2], [2], 4)).toEqual([".", "+", "+", "."]);
    expect(write([2.5], [2.5], 4)).toEqual([".", "#", ".", "."]);
  });

  test("leaves a gap where nothing was measured, and out of the picture what lies outside", () => {
    const rows = write([2, Number.NaN, 2, 90, -90], [2, Number.NaN, 2, 99, -80], 4);
    expect(rows.every((row) => row[1] === ".")).toBe(true);
    expect(rows.join("").length).toBe(20);
  });

  test("is as thick as asked for, and dashes have gaps", () => {
    expect(write([2, 2, 2], [2, 2, 2], 5, { thick: 2 }).filter((row) => row === "###").length).toBe(2);
    const row = write(Array(12).fill(2.5), Array(12).fill(2.5), 4, { dashed: true }).find((each) => each.includes("#"));
    expect(row).toBe("###...###...");
  });
});

describe("an axis", () => {
  test("begins at 0 where the lines come near it, and leaves room above", () => {
    expect(axisRange([0.01, 1], false, false)[0]).toBe(0);
    expect(axisRange([0.5, 1], false, false)).toEqual([0.475, 1.025]);
    expect(axisRange([-1, 1], false, false)).toEqual([-1.1, 1.1]);
  });

  test("of shares ends just above 1; of one value alone it is the whole", () => {
    expect(axisRange([0.5, 1], false, true)[1]).toBe(1.005);
    expect(axisRange([0.7, 0.7], false, true)).toEqual([0, 1.005]);
    expect(axisRange([Math.fround(0.7), 0.7], false, true)).toEqual([0, 1.005]);
  });

  test("of logarithms has a factor of room; with nothing to show it is one decade", () => {
    expect(axisRange([1.15, 10], true, false)[0]).toBeCloseTo(1);
    const [least, most] = axisRange(null, true, false);
    expect(most / least).toBeGreaterThan(10);
  });
});
