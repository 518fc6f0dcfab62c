import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { remove, set } from "../graph/apply";
import { nodesOf } from "../graph/document";
import { removeParts } from "../graph/edits";
import { SharedDocument } from "./shared";
import { toPlain } from "./written";

/** Two people on one board: what one does reaches the other at once. */
function two(): [SharedDocument, SharedDocument] {
  const [a, b] = [new SharedDocument(), new SharedDocument()];
  a.doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin !== "remote") Y.applyUpdate(b.doc, update, "remote");
  });
  b.doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin !== "remote") Y.applyUpdate(a.doc, update, "remote");
  });
  return [a, b];
}

const linear = { type: "linear", fields: { units: 8 } };

describe("a shared document", () => {
  test("shows the same on both sides, with fields as maps that merge", () => {
    const [a, b] = two();
    a.edit([set(["nodes", "one"], linear), set(["drawing", "positions", "one"], { x: 8, y: 16 })]);
    a.edit([set(["nodes", "one", "fields", "units"], 12)]);
    b.edit([set(["nodes", "one", "fields", "bias"], false)]);
    expect(a.snapshot).toEqual(b.snapshot);
    expect(nodesOf(a.snapshot, "").one?.fields).toEqual({ units: 12, bias: false });
    expect(a.snapshot.drawing?.positions).toEqual({ one: { x: 8, y: 16 } });
  });

  test("keeps what did not change the same object", () => {
    const [a] = two();
    a.edit([set(["nodes", "one"], linear), set(["nodes", "two"], linear)]);
    const before = a.snapshot;
    a.edit([set(["nodes", "two", "fields", "units"], 9)]);
    expect(a.snapshot.nodes?.one).toBe(before.nodes?.one);
    expect(a.snapshot.edges).toBe(before.edges);
    expect(a.snapshot.nodes?.two).not.toBe(before.nodes?.two);
  });

  test("undoes one's own edits only", () => {
    const [a, b] = two();
    a.edit([set(["nodes", "one"], linear)]);
    b.edit([set(["nodes", "two"], linear)]);
    b.edit([set(["nodes", "one", "fields", "units"], 99)]);
    a.edit([set(["nodes", "three"], linear)]);
    a.undo();
    expect(Object.keys(nodesOf(b.snapshot, "")).sort()).toEqual(["one", "two"]);
    expect(nodesOf(a.snapshot, "").one?.fields?.units).toBe(99);
    b.undo();
    expect(nodesOf(a.snapshot, "").one?.fields?.units).toBe(8);
    b.undo();
    expect(Object.keys(nodesOf(a.snapshot, ""))).toEqual(["one"]);
    expect(b.canUndo).toBe(false);
  });

  test("undo does not write over what somebody else set since", () => {
    const [a, b] = two();
    a.edit([set(["nodes", "one"], linear)]);
    a.edit([set(["nodes", "one", "fields", "units"], 12)]);
    b.edit([set(["nodes", "one", "fields", "units"], 50)]);
    a.undo();
    expect(nodesOf(a.snapshot, "").one?.fields?.units).toBe(50);
    expect(a.snapshot).toEqual(b.snapshot);
  });

  test("a node that somebody else has wired stays, their wire with it", () => {
    const [a, b] = two();
    b.edit([set(["nodes", "theirs"], linear)]);
    a.edit([set(["nodes", "mine"], linear), set(["drawing", "positions", "mine"], { x: 0, y: 0 })]);
    b.edit([set(["edges", "e"], { from: "theirs", to: "mine" })]);
    a.undo();
    expect(Object.keys(nodesOf(a.snapshot, "")).sort()).toEqual(["mine", "theirs"]);
    expect(b.snapshot.edges).toHaveProperty("e");
  });

  test("a delete comes back with its wires, and goes again", () => {
    const [a, b] = two();
    a.edit([set(["nodes", "one"], linear), set(["nodes", "two"], linear)]);
    a.edit([set(["edges", "e"], { from: "one", to: "two" })]);
    const whole = a.snapshot;
    a.edit(removeParts(a.snapshot, "", ["one"], []));
    const less = a.snapshot;
    a.undo();
    expect(b.snapshot).toEqual(whole);
    a.redo();
    expect(b.snapshot).toEqual(less);
    expect(a.canRedo).toBe(false);
  });

  test("takes a drag as one step, and typing in two fields as two", () => {
    const [a] = two();
    a.edit([set(["nodes", "one"], linear)]);
    for (let x = 1; x <= 5; x += 1) a.edit([set(["drawing", "positions", "one"], { x, y: 0 })], "drag 1");
    a.edit([set(["drawing", "positions", "one"], { x: 80, y: 0 })], "drag 2");
    a.undo();
    expect(a.snapshot.drawing?.positions?.one?.x).toBe(5);
    a.undo();
    expect(a.snapshot.drawing?.positions?.one).toBeUndefined();
    a.redo();
    expect(a.snapshot.drawing?.positions?.one?.x).toBe(5);
  });

  test("says that there is something to undo as soon as it is told of the edit", () => {
    const a = new SharedDocument();
    const seen: boolean[] = [];
    a.subscribe(() => seen.push(a.canUndo));
    a.edit([set(["nodes", "one"], linear)]);
    expect(seen).toEqual([true]);
  });

  test("wires that lost an end to a delete are tidied away, which is no step of undo", () => {
    const [a, b] = [new SharedDocument(), new SharedDocument()];
    a.edit([set(["nodes", "one"], linear), set(["nodes", "two"], linear)]);
    Y.applyUpdate(b.doc, Y.encodeStateAsUpdate(a.doc), "remote");
    // At the same moment one deletes a node, and the other draws a wire to it.
    a.edit(removeParts(a.snapshot, "", ["two"], []));
    b.edit([set(["edges", "e"], { from: "one", to: "two" })]);
    Y.applyUpdate(a.doc, Y.encodeStateAsUpdate(b.doc), "remote");
    expect(a.snapshot.edges).toHaveProperty("e");
    a.tidy();
    expect(a.snapshot.edges).toEqual({});
    a.undo();
    expect(Object.keys(nodesOf(a.snapshot, "")).sort()).toEqual(["one", "two"]);
  });

  test("reads integers that came as BigInt, and loses no list", () => {
    const doc = new Y.Doc();
    const map = doc.getMap("m");
    map.set("n", 7n);
    map.set("kernel", [3, 5]);
    map.set("inner", new Y.Map([["k", 2]]));
    expect(toPlain(map)).toEqual({ n: 7, kernel: [3, 5], inner: { k: 2 } });
  });

  test("a removed path stays removed, a missing one is no error", () => {
    const [a, b] = two();
    a.edit([set(["nodes", "one"], linear)]);
    a.edit([remove(["nodes", "one", "fields", "units"]), remove(["blocks", "none", "nodes", "x"])]);
    expect(nodesOf(b.snapshot, "").one?.fields).toEqual({});
    expect(b.snapshot.blocks).toEqual({});
  });
});
