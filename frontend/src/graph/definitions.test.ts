/** Blocks that are pasted: none is overwritten, none piles up. */
import { expect, test } from "vitest";
import { apply } from "./apply";
import { copy, paste, read, write } from "./clipboard";
import type { Block, Document } from "./document";

const inside = (type: string, units = 8): Block => ({
  title: "Layer",
  nodes: { x: { type: "block_input" }, fc: { type, fields: { units } }, y: { type: "block_output" } },
  edges: { a: { from: "x", to: "fc" }, b: { from: "fc", to: "y" } },
});

const board = (blocks: Record<string, Block>, block = Object.keys(blocks)[0] ?? ""): Document => ({
  nodes: { one: { type: "block", block, fields: {} } },
  edges: {},
  blocks,
  drawing: { positions: { one: { x: 0, y: 0 } } },
});

/** What `there` has selected is pasted `times` times on `here`. */
function pasted(here: Document, there: Document, times = 1): { document: Document; blocks: string[] } {
  const piece = read(write(copy(there, "", Object.keys(there.nodes ?? {}))));
  if (!piece) throw new Error("the text was not read");
  let document = here;
  const blocks: string[] = [];
  for (let count = 0; count < times; count += 1) {
    const { ids, edits } = paste(document, "", piece, { by: { x: 40, y: 40 } });
    document = apply(document, edits);
    for (const id of ids) blocks.push(document.nodes?.[id]?.block ?? "");
  }
  return { document, blocks };
}

const empty: Document = { nodes: {}, edges: {}, blocks: {} };

test("pasted several times on another board, a block is defined there once", () => {
  const { document, blocks } = pasted(empty, board({ layer: inside("linear") }), 3);
  expect(blocks).toEqual(["layer", "layer", "layer"]);
  expect(Object.keys(document.blocks ?? {})).toEqual(["layer"]);
});

test("the same name with another inside comes beside it, numbered; again it is the one that came", () => {
  const here = board({ layer: inside("conv1d") });
  const { document, blocks } = pasted(here, board({ layer: inside("linear") }), 3);
  expect(document.blocks?.layer).toEqual(here.blocks?.layer);
  expect(blocks).toEqual(["layer_2", "layer_2", "layer_2"]);
  expect(Object.values(document.blocks ?? {}).map(({ title }) => title)).toEqual(["Layer", "Layer 2"]);
});

test("taken back to where it came from, it is the block that is there", () => {
  const there = board({ layer: inside("linear") });
  const { document } = pasted(board({ layer: inside("conv1d") }), there);
  const back: Document = { ...document, nodes: { two: { type: "block", block: "layer_2", fields: {} } } };
  expect(pasted(there, back).blocks).toEqual(["layer"]);
});

test("the same inside under another id is the same block", () => {
  const { document, blocks } = pasted(board({ other: inside("linear") }), board({ layer: inside("linear") }), 2);
  expect(blocks).toEqual(["other", "other"]);
  expect(Object.keys(document.blocks ?? {})).toEqual(["other"]);
});

test("the same inside under another title keeps its title, and is one block however often it is pasted", () => {
  const here = board({ mine: { ...inside("linear"), title: "Mine" } });
  const { document, blocks } = pasted(here, board({ layer: inside("linear") }), 2);
  expect(blocks).toEqual(["layer", "layer"]);
  expect(document.blocks?.layer?.title).toBe("Layer");
  expect(document.blocks?.mine).toEqual(here.blocks?.mine);
});

test("a block that was changed here is not what comes", () => {
  const first = pasted(empty, board({ layer: inside("linear") })).document;
  const changed: Document = { ...first, blocks: { layer: inside("linear", 9) } };
  const { document, blocks } = pasted(changed, board({ layer: inside("linear") }), 2);
  expect(blocks).toEqual(["layer_2", "layer_2"]);
  expect(document.blocks?.layer?.nodes?.fc?.fields).toEqual({ units: 9 });
  expect(document.blocks?.layer_2?.nodes?.fc?.fields).toEqual({ units: 8 });
});

test("what is left out and what is written down as it is anyway are the same", () => {
  const plain: Block = { title: "Layer", nodes: { fc: { type: "linear" } } };
  const full: Block = {
    title: "Layer",
    nodes: { fc: { type: "linear", fields: {}, trainable: true, mode: "once", times: 1 } },
    edges: {},
    exposed: {},
  };
  expect(pasted(board({ layer: full }), board({ layer: plain })).blocks).toEqual(["layer"]);
});

test("blocks in blocks are compared by what they do", () => {
  const outer = (inner: string): Block => ({
    title: "Outer",
    nodes: { in: { type: "block", block: inner, fields: {} } },
  });
  const there = board({ outer: outer("layer"), layer: inside("linear") });
  const same = board({ outer: outer("other"), other: inside("linear") });
  expect(pasted(same, there).blocks).toEqual(["outer"]);
  const { document, blocks } = pasted(board({ outer: outer("layer"), layer: inside("conv1d") }), there, 2);
  expect(blocks).toEqual(["outer_2", "outer_2"]);
  expect(document.blocks?.outer_2?.nodes?.in?.block).toBe("layer_2");
  expect(Object.keys(document.blocks ?? {}).sort()).toEqual(["layer", "layer_2", "outer", "outer_2"]);
});

test("blocks that hold each other end the comparison, not the page", () => {
  const ring = (other: string): Block => ({ nodes: { in: { type: "block", block: other } } });
  const there = board({ a: ring("b"), b: ring("a") });
  expect(pasted(there, there).blocks).toEqual(["a"]);
});
