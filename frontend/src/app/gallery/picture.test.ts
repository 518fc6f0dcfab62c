import { expect, test } from "vitest";
import type { Document } from "../../graph/document";
import { drawBoard, ranks, TILE } from "./picture";

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

test("places that are nearly the same are the same rank", () => {
  expect(ranks([0, 300, 10, 620, 305], 50)).toEqual([0, 1, 0, 2, 1]);
});

test("every node has a tile of its own and every wire is drawn", () => {
  const document = chain(6, true);
  const picture = drawBoard(document, title);
  expect(picture.nodes.map(({ label }) => label)).toEqual(Array(6).fill("Linear"));
  expect(picture.wires).toHaveLength(5);
  apart(document);
});

test("a long board is folded, so that its tiles stay large; all stay within the picture", () => {
  const picture = drawBoard(chain(16, true), title);
  expect(picture.width / picture.height).toBeLessThan(3);
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
  const { nodes } = drawBoard(chain(4, false), title);
  expect(nodes.map(({ x }) => x)).toEqual([...nodes.map(({ x }) => x)].sort((a, b) => a - b));
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
  expect(drawBoard(document, title).nodes[0]).toMatchObject({ label: "Encoder layer", stacked: true, times: 4 });
});
