import { expect, test } from "vitest";
import type { Document } from "./document";
import { alike } from "./unfold";

const board: Document = {
  nodes: {
    data: { type: "digits" },
    net: { type: "block", block: "b", mode: "repeat", times: 2, fields: { width: 3 } },
  },
  edges: { a: { from: "data", out: "image", to: "net" } },
  blocks: { b: { nodes: { x: { type: "block_input", fields: { order: 1 } }, r: { type: "relu" } }, edges: {} } },
};
const changed = (change: (document: Required<Document>) => void): Document => {
  const copy = structuredClone(board) as Required<Document>;
  change(copy);
  return copy;
};
// biome-ignore lint/style/noNonNullAssertion: they are there, above
const at = <T>(map: Record<string, T> | undefined, key: string): T => map![key]!;

test.each<[string, (document: Required<Document>) => void]>([
  ["nothing", () => undefined],
  ["a field", (document) => Object.assign(at(document.nodes, "net"), { fields: { width: 4 } })],
  ["a name", (document) => Object.assign(at(document.nodes, "net"), { name: "Network" })],
  ["a place", (document) => Object.assign(document, { drawing: { positions: { data: { x: 1, y: 2 } } } })],
  ["a title", (document) => Object.assign(document, { title: "Other" })],
])("%s changes no layout", (_, change) => {
  expect(alike(board, changed(change))).toBe(true);
});

test.each<[string, (document: Required<Document>) => void]>([
  ["a node more", (document) => Object.assign(document.nodes, { more: { type: "relu" } })],
  ["a node less", (document) => delete document.nodes.data],
  ["another in its place", (document) => Object.assign(document.nodes, { data: undefined, other: { type: "digits" } })],
  ["how often a block runs", (document) => Object.assign(at(document.nodes, "net"), { times: 3 })],
  ["a wire's end", (document) => Object.assign(at(document.edges, "a"), { out: "label" })],
  ["a wire less", (document) => delete document.edges.a],
  ["a node inside a block", (document) => Object.assign(at(document.blocks, "b").nodes ?? {}, { s: { type: "relu" } })],
  ["a port's order", (document) => Object.assign(at(at(document.blocks, "b").nodes, "x"), { fields: { order: 2 } })],
])("%s changes the layout", (_, change) => {
  expect(alike(board, changed(change))).toBe(false);
});
