/** Nodes that move while somebody else edits them: nothing is lost in the shared document, and undo brings all back. */
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { remove, set } from "../graph/apply";
import { type Document, type GraphNode, nodesOf, positionsOf } from "../graph/document";
import { removeParts, setField } from "../graph/edits";
import { type Done, group, type Refusal, ungroup } from "../graph/group";
import { targetsIn } from "../graph/moves";
import { type SharedDocument as Shared, SharedDocument } from "./shared";

const port = (name: string) => ({ name, title: name, many: false, optional: false });
const portsOf = (node: GraphNode) =>
  node.type === "data" ? { inputs: [], outputs: [port("y")] } : { inputs: [port("x")], outputs: [port("y")] };

const board: Document = {
  nodes: {
    data: { type: "data", fields: {} },
    linear: { type: "linear", fields: { units: 8 } },
    tanh: { type: "tanh", fields: {} },
    loss: { type: "loss", fields: {} },
  },
  edges: {
    a: { from: "data", to: "linear" },
    b: { from: "linear", to: "tanh" },
    c: { from: "tanh", to: "loss" },
  },
  blocks: {},
  drawing: { positions: { data: { x: 0, y: 0 }, linear: { x: 240, y: 0 }, tanh: { x: 480, y: 0 } } },
};

/** Two people on one board. What one does reaches the other when it is told. */
function two(): { a: Shared; b: Shared; meet: () => void } {
  const [a, b] = [new SharedDocument(), new SharedDocument()];
  a.load(board);
  Y.applyUpdate(b.doc, Y.encodeStateAsUpdate(a.doc), "remote");
  const meet = () => {
    Y.applyUpdate(a.doc, Y.encodeStateAsUpdate(b.doc, Y.encodeStateVector(a.doc)), "remote");
    Y.applyUpdate(b.doc, Y.encodeStateAsUpdate(a.doc, Y.encodeStateVector(b.doc)), "remote");
  };
  return { a, b, meet };
}

function done(result: Done | Refusal): Done {
  if ("why" in result) throw new Error(`refused: ${result.why}`);
  return result;
}

function grouped(shared: Shared): string {
  const { ids, edits, moves } = done(group(shared.snapshot, "", ["linear", "tanh"], portsOf, { title: "Block" }));
  shared.edit(edits, "structure", moves);
  return ids[0] ?? "";
}

function taken(shared: Shared, id: string): void {
  const { edits, moves } = done(ungroup(shared.snapshot, "", id));
  shared.edit(edits, "structure", moves);
}

const units = (shared: Shared, scope: string) => nodesOf(shared.snapshot, scope).linear?.fields?.units;
const moved = (shared: Shared) => shared.doc.getMap("moved");
/** What stands in the old map of a node that is out of sight. */
const behind = (shared: Shared, path: string[]) => {
  let map = shared.doc.getMap(path[0]) as Y.Map<unknown>;
  for (const key of path.slice(1)) map = map.get(key) as Y.Map<unknown>;
  return map.toJSON() as GraphNode;
};

describe("a node that moves", () => {
  test("is out of sight where it stood, with a trace, and in sight where it went", () => {
    const { a } = two();
    const block = grouped(a);
    expect(Object.keys(nodesOf(a.snapshot, "")).sort()).toEqual([block, "data", "loss"]);
    expect(units(a, block)).toBe(8);
    expect([...moved(a).keys()].sort()).toEqual(["linear", "tanh"]);
    expect(targetsIn(moved(a).get("linear"))).toEqual([{ scope: block, node: "linear" }]);
    expect(a.snapshot).not.toHaveProperty("moved");
  });

  test.each(["the group first", "the edit first"])(
    "keeps an edit that crossed it (%s), and all copies agree",
    (order) => {
      const { a, b, meet } = two();
      const steps = [() => grouped(a), () => b.edit(setField("", "linear", "units", 11, undefined))];
      for (const step of order === "the group first" ? steps : steps.reverse()) step();
      meet();
      expect(a.snapshot).toEqual(b.snapshot);
      // In every copy the old map holds what was written into it; the server carries it on (its tests).
      for (const each of [a, b]) {
        expect(behind(each, ["nodes", "linear"]).fields).toEqual({ units: 11 });
        expect(JSON.parse(String(moved(each).get("linear"))).base.fields).toEqual({ units: 8 });
      }
    },
  );

  test("keeps an edit that crossed taking a block apart", () => {
    const { a, b, meet } = two();
    const block = grouped(a);
    meet();
    taken(a, block);
    b.edit(setField(block, "linear", "units", 11, undefined));
    meet();
    expect(a.snapshot).toEqual(b.snapshot);
    expect(Object.keys(a.snapshot.blocks ?? {})).toEqual([]);
    expect(units(a, "")).toBe(8);
    expect(behind(b, ["blocks", block, "nodes", "linear"]).fields).toEqual({ units: 11 });
    expect(targetsIn(moved(b).get(`${block}/linear`))).toEqual([{ scope: "", node: "linear" }]);
  });

  test("leaves none of its own wires behind, which the server would take for drawn by somebody else", () => {
    const { a, meet } = two();
    const block = grouped(a);
    meet();
    taken(a, block);
    expect(behind(a, ["blocks", block, "edges"])).toEqual({});
    expect(
      Object.values(a.snapshot.edges ?? {}).filter(({ from, to }) => from === "linear" && to === "tanh"),
    ).toHaveLength(1);
  });

  test("comes home into its old map: an edit that crossed group and ungroup is simply there", () => {
    const { a, b, meet } = two();
    taken(a, grouped(a));
    b.edit(setField("", "linear", "units", 11, undefined));
    meet();
    expect(units(a, "")).toBe(11);
    expect(a.snapshot).toEqual(b.snapshot);
    expect(moved(a).has("linear")).toBe(false);
  });

  test("that is deleted by another meanwhile is gone from its old place, which the trace tells", () => {
    const { a, b, meet } = two();
    grouped(a);
    b.edit(removeParts(b.snapshot, "", ["linear"], []));
    meet();
    expect(a.snapshot).toEqual(b.snapshot);
    expect(a.doc.getMap("nodes").has("linear")).toBe(false);
    expect(moved(a).has("linear")).toBe(true);
  });

  test("leaves its name free: a new node of that name is in sight, and no trace leads from it", () => {
    const { a } = two();
    grouped(a);
    a.edit([set(["nodes", "linear"], { type: "linear", fields: { units: 3 } })]);
    expect(units(a, "")).toBe(3);
    expect(moved(a).has("linear")).toBe(false);
  });

  test("what did not move stays the same object", () => {
    const { a } = two();
    grouped(a);
    const before = a.snapshot;
    a.edit([set(["drawing", "positions", "data"], { x: 8, y: 8 })]);
    expect(a.snapshot.nodes).toBe(before.nodes);
    expect(a.snapshot.blocks).toBe(before.blocks);
  });
});

describe("undo of a move", () => {
  test("brings back the board, and redo the block", () => {
    const { a } = two();
    const before = a.snapshot;
    const block = grouped(a);
    const after = a.snapshot;
    for (let round = 0; round < 2; round += 1) {
      a.undo();
      expect(a.snapshot).toEqual(before);
      a.redo();
      expect(a.snapshot).toEqual(after);
    }
    taken(a, block);
    const apart = a.snapshot;
    a.undo();
    expect(a.snapshot).toEqual(after);
    a.redo();
    expect(a.snapshot).toEqual(apart);
    a.undo();
    a.undo();
    expect(a.snapshot).toEqual(before);
  });

  test("takes along what another changed inside since", () => {
    const { a, b, meet } = two();
    const block = grouped(a);
    meet();
    b.edit(setField(block, "linear", "units", 11, undefined));
    b.edit([set(["drawing", "positions", `${block}/linear`], { x: 0, y: 800 })]);
    meet();
    a.undo();
    expect(units(a, "")).toBe(11);
    expect(Object.keys(nodesOf(a.snapshot, "")).sort()).toEqual(["data", "linear", "loss", "tanh"]);
    expect(a.snapshot.blocks).toEqual({});
    expect(positionsOf(a.snapshot)).not.toHaveProperty(`${block}/linear`);
    meet();
    expect(b.snapshot).toEqual(a.snapshot);
    a.redo();
    expect(units(a, block)).toBe(11);
    expect(nodesOf(a.snapshot, "")).not.toHaveProperty("linear");
  });

  test("leaves a block alone that another has built on, rather than half of it", () => {
    const { a, b, meet } = two();
    a.edit([set(["nodes", "loss", "name"], "L")]);
    const block = grouped(a);
    meet();
    b.edit([set(["blocks", block, "nodes", "more"], { type: "relu", fields: {} })]);
    meet();
    const before = a.snapshot;
    a.undo(); // passes over the group, to the name
    expect(nodesOf(a.snapshot, "").loss).not.toHaveProperty("name");
    expect(a.snapshot.blocks).toEqual(before.blocks);
    expect(nodesOf(a.snapshot, "")).not.toHaveProperty("linear");
  });

  test("an edit made before and undone after is undone where the node is", () => {
    const { a } = two();
    a.edit(setField("", "linear", "units", 9, undefined));
    grouped(a);
    a.undo();
    a.undo();
    expect(units(a, "")).toBe(8);
    expect(a.canUndo).toBe(false);
  });
});

test("a block that is deleted takes its traces along", () => {
  const { a } = two();
  const block = grouped(a);
  const { edits, moves, ids } = done(group(a.snapshot, block, ["tanh"], portsOf, { title: "Inner" }));
  a.edit(edits, "inner", moves);
  expect(ids).toEqual(["inner"]);
  expect(moved(a).has(`${block}/tanh`)).toBe(true);
  a.edit(removeParts(a.snapshot, "", [block], []));
  expect(a.snapshot.blocks).toEqual({});
  expect([...moved(a).keys()].filter((place) => place.startsWith(block))).toEqual([]);
  a.edit([remove(["blocks", block])]);
  expect(a.snapshot.blocks).toEqual({});
});
