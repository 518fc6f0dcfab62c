import { describe, expect, test } from "vitest";
import type { Document } from "../graph/document";
import type { LayerInfo, NodeFacts } from "../wire/types";
import {
  kindsOf,
  namesOf,
  pictured,
  samplesFrom,
  type Thumbnail,
  thumbnailHeight,
  thumbnailOf,
  watchable,
  wishFor,
} from "./runViews";
import { keyOf } from "./runWatch";

const facts = (type: string, views: string[], outputs: Record<string, string> = { y: "float[D 8]" }): NodeFacts =>
  ({ type, views, outputs }) as NodeFacts;

const layers = new Map(
  ["linear", "attention"].map((type) => [type, { title: type.toUpperCase(), family: type } as LayerInfo]),
);

const document: Document = {
  nodes: {
    hidden: { type: "linear", name: "Hidden" },
    encoder: { type: "block", block: "layer", mode: "repeat", times: 2 },
  },
  blocks: { layer: { title: "Encoder layer", nodes: { look: { type: "attention" }, x: { type: "block_input" } } } },
};

test("what a loss shows is the board's: its plane is the boundary, its matrix counts mistakes", () => {
  expect(kindsOf(facts("cross_entropy", ["plane", "matrix"], { loss: "float[]" }))).toEqual(["plane", "confusion"]);
  expect(kindsOf(facts("linear", ["plane", "maps"]))).toEqual(["neurons", "maps"]);
  expect(kindsOf(facts("attention", ["matrix", "maps"]))).toEqual(["attention", "maps"]);
});

test("what layers show besides has kinds of its own", () => {
  expect(kindsOf(facts("relu", ["flat", "maps"]))).toEqual(["flat", "maps"]);
  expect(kindsOf(facts("max_pool2d", ["winners", "maps"]))).toEqual(["winners", "maps"]);
  expect(kindsOf(facts("batch_norm2d", ["statistics", "maps"]))).toEqual(["statistics", "maps"]);
  expect(kindsOf(facts("lstm", ["matrix", "states", "maps"]))).toEqual(["gates", "states", "maps"]);
  expect(keyOf(wishFor("states", "read", 3))).toBe("states|read||3|0");
  expect(keyOf(wishFor("statistics", "norm", 3))).toBe("statistics|norm||0|0");
});

test("a card shows which class wins, a signal as lines; a batch norm and a ReLU what they put out", () => {
  const shown = (type: string, views: string[], y: string) => thumbnailOf(facts(type, views, { y }));
  expect(shown("softmax", ["choice", "maps"], "float[D 10]")).toEqual({ kind: "choice", layout: "vector", count: 1 });
  expect(shown("argmax", ["choice"], "index<4>[H 8, W 8]")?.layout).toBe("image");
  expect(shown("softmax", ["choice", "maps"], "float[T 6, D 10]")?.layout).toBe("sequence");
  const line = shown("conv1d", ["maps"], "float[C 8, L 30]");
  expect(line).toEqual({ kind: "maps", layout: "signal", count: 6 });
  expect(shown("batch_norm2d", ["statistics", "maps"], "float[C 2, H 4, W 4]")?.kind).toBe("maps");
  expect(shown("relu", ["flat", "maps"], "float[D 8]")?.kind).toBe("maps");
});

test("a view that this page cannot draw, and a block's ports, are left out", () => {
  expect(kindsOf(facts("linear", ["hologram"]))).toEqual([]);
  expect(kindsOf(facts("block_input", ["maps"]))).toEqual([]);
});

test("a node's name comes with the instance that it is in", () => {
  expect(namesOf(document, "hidden", layers)).toEqual({ title: "Hidden", group: "" });
  expect(namesOf(document, "encoder/1/look", layers)).toEqual({ title: "ATTENTION", group: "Encoder layer 2" });
  expect(namesOf(document, "gone", layers)).toEqual({ title: "gone", group: "" });
});

test("only nodes with something to see can be looked at", () => {
  const found = watchable(
    document,
    { hidden: facts("linear", ["maps"]), "encoder/0/look": facts("attention", ["matrix"]), flat: facts("flatten", []) },
    layers,
  );
  expect(found.map(({ path, family }) => [path, family])).toEqual([
    ["hidden", "linear"],
    ["encoder/0/look", "attention"],
  ]);
});

test("thumbnail and dock ask for the same picture where it is the same", () => {
  expect(keyOf(wishFor("neurons", "a", 3))).toBe(keyOf(wishFor("neurons", "a", 9)));
  expect(keyOf(wishFor("maps", "a", 3))).not.toBe(keyOf(wishFor("maps", "a", 9)));
});

test("samples go round at the last one", () => {
  expect(samplesFrom(62, 4)).toEqual([62, 63, 0, 1]);
});

describe("a thumbnail", () => {
  test.each([
    ["eight neurons of twenty", facts("linear", ["plane"], { y: "float[D 20]" }), { kind: "neurons", count: 8 }],
    ["six maps of sixteen", facts("conv2d", ["maps"], { y: "float[C 16, H 10, W 10]" }), { layout: "image", count: 6 }],
    ["a vector", facts("linear", ["maps"], { y: "float[D 84]" }), { layout: "vector", count: 1 }],
    ["a sequence", facts("linear", ["maps"], { y: "float[T 12, D 64]" }), { layout: "sequence" }],
    ["heads", facts("attention", ["matrix", "maps"], { y: "float[T 12, D 64]" }), { kind: "attention" }],
    ["a regression", facts("mse", ["fit"], { loss: "float[]" }), { kind: "fit" }],
    ["boxes", facts("yolo_loss", ["boxes"], { loss: "float[]" }), { kind: "boxes" }],
    ["pictures", facts("digits", ["samples"], { image: "float[C 1, H 32, W 32]" }), { layout: "image" }],
    ["words", facts("reversal", ["samples"], { tokens: "index<11>[T 12]" }), { layout: "tokens" }],
    ["points", facts("points", ["samples"], { x: "float[D 2]", label: "index<2>[]" }), { layout: "points" }],
  ])("of %s has its height before the first picture", (_, node, expected) => {
    const thumbnail = thumbnailOf(node);
    expect(thumbnail).toMatchObject(expected);
    expect(thumbnailHeight(thumbnail as Thumbnail)).toBeGreaterThan(10);
  });

  test("of nothing is none", () => {
    expect(pictured({ flat: facts("flatten", []) }, "flat")).toBeNull();
    expect(pictured({}, "gone")).toBeNull();
    const numbers = facts("line", ["samples"], { x: "float[D 1]", y: "float[D 1]" });
    expect(thumbnailOf(numbers), "plain numbers have no picture, and no empty place for one").toBeNull();
  });

  test("of a block's instance is its first attention, or else what comes out of it", () => {
    const maps = facts("linear", ["maps"], { y: "float[C 6, H 8, W 8]" });
    const nodes = {
      "e/0/in": maps,
      "e/0/look": facts("attention", ["matrix"]),
      "e/1/look": facts("attention", ["matrix"]),
    };
    expect(pictured(nodes, "e")?.path).toBe("e/0/look");
    expect(pictured({ "r/conv": maps, "r/relu": maps, "rest/x": maps }, "r")?.path).toBe("r/relu");
  });
});
