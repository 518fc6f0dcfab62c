import { expect, test } from "vitest";
import { apply } from "./apply";
import { copy, paste, read, write } from "./clipboard";
import { type Document, levelOf, trailTo } from "./document";
import { addNode, connect, dangling, removeParts, setField } from "./edits";
import { freeId, markOf } from "./ids";

const board: Document = {
  nodes: {
    data: { type: "digits" },
    conv2d: { type: "conv2d" },
    add: { type: "add" },
    encoder: { type: "block", block: "layer", mode: "repeat", times: 3 },
  },
  edges: {
    e1: { from: "data", out: "image", to: "conv2d" },
    e2: { from: "conv2d", to: "add", order: "0001" },
  },
  blocks: {
    layer: {
      nodes: { x: { type: "block_input" }, linear: { type: "linear" }, y: { type: "block_output" } },
      edges: { a: { from: "x", to: "linear" }, b: { from: "linear", to: "y" } },
    },
  },
  drawing: { positions: { data: { x: 0, y: 0 }, conv2d: { x: 240, y: 0 }, "layer/linear": { x: 8, y: 8 } } },
};

test("a new node gets an id of its own, that names it in torch", () => {
  const { id, edits } = addNode(board, "", { type: "conv2d" }, { x: 13, y: 21 });
  const next = apply(board, edits);
  expect(id).toBe("conv2d_2");
  expect(next.nodes?.conv2d_2).toEqual({ type: "conv2d", fields: {} });
  expect(next.drawing?.positions?.conv2d_2).toEqual({ x: 16, y: 24 });
  expect(board.nodes).not.toHaveProperty("conv2d_2");
});

test("two people who add at once do not take one id", () => {
  const taken = () => false;
  expect(freeId("linear", taken, markOf(123_456_789))).not.toBe(freeId("linear", taken, markOf(987_654_321)));
  expect(freeId("Multi-head attention!", taken)).toBe("multi_head_attention");
});

test("a port that takes one wire gives up the one it had; a port for many orders them", () => {
  const one = apply(board, connect(board, "", { from: "add", out: "y", to: "conv2d", into: "x" }, false));
  expect(Object.values(one.edges ?? {}).filter(({ to }) => to === "conv2d")).toEqual([
    { from: "add", out: "y", to: "conv2d", in: "x" },
  ]);
  const many = apply(board, connect(board, "", { from: "data", out: "image", to: "add", into: "x" }, true));
  const orders = Object.values(many.edges ?? {}).flatMap(({ to, order }) => (to === "add" ? [order ?? ""] : []));
  expect(orders).toEqual(["0001", "0002"]);
  expect(connect(board, "", { from: "conv2d", out: "y", to: "add", into: "x" }, true)).toEqual([]);
});

test("a deleted node takes its wires, its place, and a block that nobody else uses", () => {
  const next = apply(board, removeParts(board, "", ["conv2d", "encoder"], []));
  expect(Object.keys(next.nodes ?? {})).toEqual(["data", "add"]);
  expect(next.edges).toEqual({});
  expect(next.blocks).toEqual({});
  expect(Object.keys(next.drawing?.positions ?? {})).toEqual(["data"]);
});

test("a field at its default is not written down", () => {
  const set = apply(board, setField("", "conv2d", "kernel", [3, 5], 3));
  expect(set.nodes?.conv2d?.fields).toEqual({ kernel: [3, 5] });
  expect(apply(set, setField("", "conv2d", "kernel", 3, 3)).nodes?.conv2d?.fields).toEqual({});
});

test("wires without an end are found in blocks too", () => {
  const torn: Document = {
    ...board,
    edges: { e: { from: "data", to: "gone" } },
    blocks: { b: { edges: board.edges } },
  };
  expect(dangling(torn).map(({ path }) => path.join("/"))).toEqual([
    "edges/e",
    "blocks/b/edges/e1",
    "blocks/b/edges/e2",
  ]);
});

test("what is copied carries its wires and its blocks to another board, as text", () => {
  const piece = read(write(copy(board, "", ["data", "conv2d", "encoder"])));
  if (!piece) throw new Error("the text was not read");
  const there: Document = { nodes: { data: { type: "points" } }, blocks: { layer: { title: "another" } } };
  const { ids, edits } = paste(there, "", piece, { by: { x: 40, y: 40 } });
  const next = apply(there, edits);
  expect(ids).toEqual(["data_2", "conv2d", "encoder"]);
  expect(Object.values(next.edges ?? {})).toEqual([{ from: "data_2", out: "image", to: "conv2d" }]);
  expect(next.nodes?.encoder?.block).toBe("layer_2");
  expect(next.blocks?.layer).toEqual({ title: "another" });
  expect(Object.keys(next.blocks?.layer_2?.nodes ?? {})).toEqual(["x", "linear", "y"]);
  expect(next.drawing?.positions?.conv2d).toEqual({ x: 280, y: 40 });
  expect(next.drawing?.positions?.["layer_2/linear"]).toEqual({ x: 8, y: 8 });
});

test("a paste on the same board uses the block that is there; a block is never put inside itself", () => {
  const piece = copy(board, "", ["encoder"]);
  const next = apply(board, paste(board, "", piece, { by: { x: 0, y: 0 } }).edits);
  expect(next.nodes?.encoder_2?.block).toBe("layer");
  expect(Object.keys(next.blocks ?? {})).toEqual(["layer"]);
  expect(paste(board, "layer", piece, { by: { x: 0, y: 0 } }).ids).toEqual([]);
});

test("other text is no piece of a graph", () => {
  for (const text of [
    "",
    "hello",
    "{}",
    '{"chalknet":2}',
    '{"chalknet":1,"nodes":{"a":3},"edges":[]}',
    '{"chalknet"',
  ]) {
    expect(read(text)).toBeNull();
  }
});

test("paths lead into blocks and out again", () => {
  expect(trailTo(board, "encoder/2/linear")).toEqual({ trail: [{ node: "encoder", index: 2 }], node: "linear" });
  expect(levelOf(board, [{ node: "encoder", index: 2 }])).toMatchObject({ scope: "layer", prefix: "encoder/2/" });
  expect(levelOf(board, [{ node: "gone", index: 0 }])).toMatchObject({ scope: "", prefix: "", trail: [] });
  expect(trailTo(board, "encoder/nowhere/linear")).toBeNull();
});
