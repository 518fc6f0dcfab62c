import { describe, expect, test } from "vitest";
import { contour } from "./contour";
import { valueAt } from "./LineChart";
import { ticks } from "./Plane";
import { place, tile, tileAt } from "./tiles";

describe("tiles", () => {
  test("fill the box as well as they can and stay inside it", () => {
    for (const [count, width, height] of [
      [1, 300, 200],
      [6, 300, 60],
      [16, 400, 180],
      [64, 220, 700],
    ] as const) {
      const tiles = tile(count, 1, { width, height }, { gap: 3 });
      const last = place(tiles, count - 1);
      expect(tiles.columns * tiles.width + 3 * (tiles.columns - 1)).toBeLessThanOrEqual(width);
      expect(last.y + tiles.height).toBeLessThanOrEqual(height);
      const larger = tiles.width + 1;
      const fits = Math.floor((width + 3) / (larger + 3)) * Math.floor((height + 3) / (larger + 3));
      expect(fits).toBeLessThan(count);
    }
  });

  test("are found again under the pointer, and not between", () => {
    const tiles = tile(10, 1, { width: 200, height: 100 }, { gap: 4 });
    for (let i = 0; i < 10; i++) {
      const { x, y } = place(tiles, i);
      expect(tileAt(tiles, 10, { x: x + 2, y: y + 2 })).toBe(i);
    }
    const { x, y } = place(tiles, 0);
    expect(tileAt(tiles, 10, { x: x + tiles.width + 2, y })).toBe(-1);
    expect(tileAt(tiles, 10, { x: -5, y: 5 })).toBe(-1);
  });

  test("never grow beyond the longest side asked for", () => {
    expect(tile(2, 1, { width: 1000, height: 1000 }, { most: 64 }).width).toBe(64);
    expect(tile(2, 4, { width: 1000, height: 1000 }, { most: 64 }).width).toBe(64);
  });
});

describe("a contour", () => {
  test("lies where the field has the level", () => {
    const side = 32;
    const field = (column: number, row: number) => Math.hypot(column - 15.5, row - 15.5);
    const lines = contour(field, side, 10);
    expect(lines.length).toBeGreaterThan(4 * 40);
    for (let i = 0; i < lines.length; i += 2) {
      expect(field(lines[i] as number, lines[i + 1] as number)).toBeCloseTo(10, 1);
    }
  });

  test("of a flat field is empty", () => {
    expect(contour(() => 1, 8, 0)).toHaveLength(0);
  });

  test("of a saddle is two lines that do not cross", () => {
    const corners = [1, -1, -1, 1];
    expect(contour((column, row) => corners[2 * row + column] as number, 2, 0)).toHaveLength(8);
  });
});

test("ticks are round numbers within the range", () => {
  expect(ticks(-1.3, 1.3, 5)).toEqual([-1, 0, 1]);
  expect(ticks(0, 0.5, 5)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
});

describe("curves of a chart", () => {
  const line = (name: string, x: number[], y: number[]) => ({ name, colour: "--train", x, y, length: x.length });

  test("tell the value that held at a step", () => {
    const points = line("a", [10, 20, 30], [3, 2, 1]);
    expect(valueAt(points, 25)).toBe(2);
    expect(valueAt(points, 30)).toBe(1);
    expect(valueAt(points, 5)).toBeNaN();
  });
});
