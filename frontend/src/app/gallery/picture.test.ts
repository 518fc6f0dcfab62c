import { expect, test } from "vitest";
import type { Document } from "../../graph/document";
import { depths, drawBoard, inLines, TILE } from "./picture";

const chain = (count: number, positioned: boolean): Document => ({
  nodes: Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, { type: "linear" }])),
  edges: Object.fromEntries(
    Array.from({ length: count - 1 }, (_, i) => [`e${i}`, { from: `n${i}`, out: "y", to: `n${i + 1}`, in: "x" }]),
  ),
  drawing: positioned
    ? {
        positions: Object.fromEntries(
          Array.from({ length: count }, (_, i) => [`n${i}`, { x: 260 * i, y: 7 * (i % 3) }]),
        ),
      }
    : {},
});

const title = () => "Linear";

function apart(document: Document) {
  const { nodes } = drawBoard(document, title);
  for (const a of nodes) {
    for (const b of nodes) {
      if (a !== b) expect(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeGreaterThan(TILE);
    }
  }
}

test("a node stands behind the longest way that leads to it", () => {
  const wires = [
    { from: "a", to: "c" },
    { from: "a", to: "b" },
    { from: "b", to: "c" },
  ];
  expect(Object.fromEntries(depths(["c", "b", "a"], wires))).toEqual({ a: 0, b: 1, c: 2 });
});

test("who shares a column stands in it as on the board", () => {
  const document: Document = {
    nodes: { low: { type: "relu" }, high: { type: "relu" } },
    drawing: { positions: { low: { x: 0, y: 300 }, high: { x: 0, y: 10 } } },
  };
  const [low, high] = drawBoard(document, title).nodes;
  expect(low?.y).toBeGreaterThan(high?.y ?? 0);
});

test("every node has a tile of its own and every wire is drawn", () => {
  const document = chain(6, true);
  const picture = drawBoard(document, title);
  expect(picture.nodes.map(({ label }) => label)).toEqual(Array(6).fill(["Linear"]));
  expect(picture.wires).toHaveLength(5);
  apart(document);
});

test("a long board is folded, so that its tiles stay large; all stay within the picture", () => {
  const picture = drawBoard(chain(16, true), title);
  expect(picture.width / picture.height).toBeLessThan(3.5);
  expect(new Set(picture.nodes.map(({ y }) => y)).size).toBeGreaterThan(1);
  for (const { x, y } of picture.nodes) {
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(picture.width);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(picture.height);
  }
  apart(chain(16, true));
});

test("a board without positions is laid out along its wires", () => {
  const { nodes } = drawBoard(chain(3, false), title);
  const across = nodes.map(({ x, y }) => 10_000 * y + x);
  expect(across).toEqual([...across].sort((a, b) => a - b));
  apart(chain(4, false));
});

test("a cycle, a wire without an end and an empty board are drawn all the same", () => {
  const cyclic: Document = {
    nodes: { a: { type: "relu" }, b: { type: "relu" } },
    edges: { x: { from: "a", to: "b" }, y: { from: "b", to: "a" }, z: { from: "b", to: "gone" } },
  };
  expect(drawBoard(cyclic, title).wires).toHaveLength(2);
  expect(drawBoard({}, title).nodes).toEqual([]);
});

test("a repeated block says how often, under its own title", () => {
  const document: Document = {
    nodes: { encoder: { type: "block", block: "layer", mode: "repeat", times: 4 } },
    blocks: { layer: { title: "Encoder layer" } },
  };
  expect(drawBoard(document, title).nodes[0]).toMatchObject({ label: ["Encoder layer"], stacked: true, times: 4 });
});

test("a long name has two lines", () => {
  expect(inLines("Hidden layer 1")).toEqual(["Hidden layer", "1"]);
  expect(inLines("Positional encoding")).toEqual(["Positional", "encoding"]);
  expect(inLines("Incomprehensibilities and more")).toEqual(["Incomprehens…"]);
  expect(inLines("Tanh")).toEqual(["Tanh"]);
});
