import { expect, test } from "vitest";
import type { Point } from "./document";
import { fold, type Placed } from "./fold";

const SCREEN = { width: 900, height: 520 };

/** A chain of boxes below each other, each joined to the next, and the first to the last by a wire round all of them. */
function chain(count: number): { boxes: (Placed & { at: number })[]; wires: Point[][] } {
  const boxes = Array.from({ length: count }, (_, at) => ({
    at,
    x: (at % 3) * 5,
    y: at * 120,
    width: 160,
    height: 100,
  }));
  const wires = boxes.slice(1).map(({ x, y }, at): Point[] => [
    { x: (boxes[at]?.x ?? 0) + 80, y: y - 20 },
    { x: x + 80, y },
  ]);
  const end = (count - 1) * 120;
  wires.push([
    { x: 20, y: 100 },
    { x: 20, y: 106 },
    { x: 400, y: 106 },
    { x: 400, y: end - 6 },
    { x: 40, y: end - 6 },
    { x: 40, y: end },
  ]);
  return { boxes, wires };
}

const overlap = (a: Placed, b: Placed) =>
  a.x < b.x + b.width && a.x + a.width > b.x && a.y < b.y + b.height && a.y + a.height > b.y;

test.each([1, 2, 5, 16, 60])("%i boxes do not overlap, and stay within what is said to be their size", (count) => {
  const { boxes, wires } = chain(count);
  const folded = fold(boxes, count > 1 ? wires : [], SCREEN);
  expect(folded.boxes).toHaveLength(count);
  for (const a of folded.boxes) {
    expect(a.x).toBeGreaterThanOrEqual(0);
    expect(a.y).toBeGreaterThanOrEqual(0);
    expect(a.x + a.width).toBeLessThanOrEqual(folded.width);
    expect(a.y + a.height).toBeLessThanOrEqual(folded.height);
    for (const b of folded.boxes) if (a.at < b.at) expect(overlap(a, b)).toBe(false);
  }
});

test("it reads down a column, then on in the next one to the right", () => {
  const { boxes, wires } = chain(16);
  const folded = fold(boxes, wires, SCREEN).boxes;
  for (let at = 1; at < folded.length; at += 1) {
    const [a, b] = [folded[at - 1] as Placed, folded[at] as Placed];
    expect(b.y > a.y ? b.x < a.x + a.width : b.x > a.x + a.width).toBe(true);
  }
});

test("wires begin and end at their boxes, with straight turns, and cross no box on the way", () => {
  const { boxes, wires } = chain(16);
  const folded = fold(boxes, wires, SCREEN);
  folded.wires.forEach((way, at) => {
    const [from, to] = at < 15 ? [folded.boxes[at], folded.boxes[at + 1]] : [folded.boxes[0], folded.boxes[15]];
    const [start, end] = [way[0] as Point, way.at(-1) as Point];
    expect(start.y).toBeCloseTo((from?.y ?? 0) + 100);
    expect(end.y).toBeCloseTo(to?.y ?? 0);
    expect(start.x).toBeGreaterThan(from?.x ?? 0);
    expect(end.x).toBeLessThan((to?.x ?? 0) + 160);
    for (let i = 1; i < way.length; i += 1) {
      const [a, b] = [way[i - 1] as Point, way[i] as Point];
      const line = {
        x: Math.min(a.x, b.x),
        y: Math.min(a.y, b.y),
        width: Math.abs(a.x - b.x),
        height: Math.abs(a.y - b.y),
      };
      for (const box of folded.boxes) {
        const inner = { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 };
        expect(overlap(line, inner), `${i} of wire ${at} through box ${box.at}`).toBe(false);
      }
    }
  });
});

test("a long chain is seen several times larger than in one column", () => {
  const { boxes, wires } = chain(60);
  const folded = fold(boxes, wires, SCREEN);
  const zoom = Math.min(SCREEN.width / folded.width, SCREEN.height / folded.height);
  expect(zoom).toBeGreaterThan(3 * (SCREEN.height / (60 * 120)));
});

test("nothing is nothing", () => {
  expect(fold([], [], SCREEN)).toEqual({ width: 0, height: 0, boxes: [], wires: [] });
});
