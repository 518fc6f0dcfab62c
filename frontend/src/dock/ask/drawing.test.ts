import { expect, test } from "vitest";
import { base64, centred, planes, repeated } from "./drawing";

/** A drawing with one filled rectangle. */
function rectangle(side: number, left: number, top: number, width: number, height: number): Uint8Array {
  const ink = new Uint8Array(side * side);
  for (let row = top; row < top + height; row++) ink.fill(255, row * side + left, row * side + left + width);
  return ink;
}

test("D-004: a drawing is scaled to 20 of 28 pixels and put in the middle, wherever it was drawn", () => {
  for (const [left, top] of [
    [10, 20],
    [200, 190],
  ] as const) {
    const made = centred(rectangle(280, left, top, 20, 80), 280, 28, 28) as Uint8Array;
    const rows = Array.from({ length: 28 }, (_, row) =>
      made.subarray(row * 28, row * 28 + 28).some((ink) => ink > 127),
    );
    expect(rows.indexOf(true)).toBe(4);
    expect(rows.lastIndexOf(true)).toBe(23);
    const columns = Array.from({ length: 28 }, (_, column) => made[14 * 28 + column] === 255);
    // 20 of 80 wide are 5 pixels around the middle: four whole ones and two halves.
    expect([columns.indexOf(true), columns.lastIndexOf(true)]).toEqual([12, 15]);
    expect(made[14 * 28 + 14]).toBe(255);
    const sum = made.reduce((all, ink) => all + ink, 0);
    expect(sum / 255).toBeCloseTo(100, 0);
  }
});

test("nothing drawn is no picture", () => {
  expect(centred(new Uint8Array(100), 10, 8, 8)).toBeNull();
});

test("colours become planes, or lightness", () => {
  const pixels = [255, 0, 0, 255, 0, 0, 255, 255];
  expect([...planes(pixels, 3)]).toEqual([255, 0, 0, 0, 0, 255]);
  expect([...planes(pixels, 1)]).toEqual([76, 29]);
  expect([...repeated(new Uint8Array([1, 2]), 3)]).toEqual([1, 2, 1, 2, 1, 2]);
  expect(base64(new Uint8Array([0, 255]))).toBe("AP8=");
});
