import { expect, test } from "vitest";
import { makeRoom } from "./room";
import { type Card, type Line, wires } from "./wires";

const card = (id: string, x: number, y: number): Card => ({ id, x, y, width: 184, height: 80 });
const line = (id: string, from: Card, to: Card, chip = 60): Line => ({
  id,
  source: from.id,
  target: to.id,
  from: { x: from.x + from.width, y: from.y + 24 },
  to: { x: to.x, y: to.y + 24 },
  chip,
});

/** The corners of a way that goes around, as numbers. */
const numbers = (d: string) =>
  [...d.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);

test("neighbours are joined by a soft curve", () => {
  const [a, b] = [card("a", 0, 0), card("b", 300, 0)];
  expect(wires([line("w", a, b)], [a, b]).get("w")?.d).toMatch(/^M184,24C/);
});

test("a wire passes no card: it goes around", () => {
  const [a, wall, b] = [card("a", 0, 0), card("wall", 260, 0), card("b", 520, 0)];
  const way = wires([line("w", a, b)], [a, wall, b]).get("w");
  const crossing = numbers(way?.d ?? "").filter(([x, y]) => x > 260 && x < 444 && y > 0 && y < 80);
  expect(way?.d).not.toContain("C");
  expect(crossing).toEqual([]);
  expect(way?.label.y).not.toBe(24);
});

test("a wire back to the next row runs between the rows", () => {
  const [a, b] = [card("a", 800, 0), card("b", 0, 200)];
  const way = wires([line("w", a, b)], [a, b]).get("w");
  expect(way?.label.y).toBeGreaterThan(80);
  expect(way?.label.y).toBeLessThan(200);
});

test("chips of parallel wires do not lie on each other", () => {
  const [a, b] = [card("a", 0, 0), card("b", 600, 0)];
  const lines = [line("one", a, b), { ...line("two", a, b), from: { x: 184, y: 34 }, to: { x: 600, y: 34 } }];
  const [one, two] = [...wires(lines, [a, b]).values()].map(({ label }) => label);
  expect(Math.abs((one?.x ?? 0) - (two?.x ?? 0)) > 60 || Math.abs((one?.y ?? 0) - (two?.y ?? 0)) >= 20).toBe(true);
});

test("between near ports the chip stands above the wire, not on the ports", () => {
  const [a, b] = [card("a", 0, 0), card("b", 240, 0)];
  expect(wires([line("w", a, b, 70)], [a, b]).get("w")?.label).toEqual({ x: 212, y: 7 });
});

test("a card put between two others gets room, and its row moves on", () => {
  const positions = {
    a: { x: 0, y: 0 },
    b: { x: 256, y: 0 },
    c: { x: 512, y: 0 },
    far: { x: 512, y: 400 },
    n: { x: 128, y: 0 },
  };
  expect(makeRoom(positions, ["n"], "a", "b")).toEqual({
    n: { x: 256, y: 0 },
    b: { x: 512, y: 0 },
    c: { x: 768, y: 0 },
  });
  expect(makeRoom({ ...positions, b: { x: 600, y: 0 }, n: { x: 300, y: 0 } }, ["n"], "a", "b")).toEqual({});
});

test("several cards in a row begin the next row, where the wire leads back to it", () => {
  const positions = {
    a: { x: 512, y: 0 },
    n: { x: 344, y: 56 },
    m: { x: 168, y: 112 },
    b: { x: 0, y: 168 },
    c: { x: 256, y: 168 },
  };
  expect(makeRoom(positions, ["n", "m"], "a", "b")).toEqual({
    n: { x: 0, y: 168 },
    m: { x: 256, y: 168 },
    b: { x: 512, y: 168 },
    c: { x: 768, y: 168 },
  });
});
