import { expect, test } from "vitest";
import type { NodeFacts } from "../wire/types";
import { ancestorsOf, countOf, groupsOf, mostOf, share, shownOf, treeOf } from "./costs";

const facts = (type: string, parameters: number, macs = 0, operations = 0): NodeFacts =>
  ({
    type,
    parameters,
    macs,
    operations,
    memory: { parameters: 4 * parameters, gradients: 4 * parameters, optimizer: 0, activations: 10 },
  }) as NodeFacts;

const nodes = {
  data: facts("digits", 0),
  "stage/0/x": facts("block_input", 0),
  "stage/0/conv": facts("conv2d", 10, 100),
  "stage/1/conv": facts("conv2d", 30, 50, 7),
  fc: facts("linear", 60, 60),
  stage: facts("block", 40, 150, 7),
};

test("C-016: layers stand in their blocks, copies by themselves, in the order in which data flow", () => {
  const tree = treeOf(nodes);
  expect(tree.map(({ path }) => path)).toEqual(["data", "stage", "fc"]);
  expect(tree[1]?.rows.map(({ path, costs }) => [path, costs.parameters, costs.memory])).toEqual([
    ["stage/0", 10, 90],
    ["stage/1", 30, 250],
  ]);
  expect(tree[1]?.rows.map(({ costs }) => costs.operations)).toEqual([0, 7]);
  expect(groupsOf(tree)).toEqual(["stage", "stage/0", "stage/1"]);
  expect(countOf(tree)).toBe(4);
});

test("what is closed is one row with its sum; sorted, the dearest comes first on every level", () => {
  const tree = treeOf(nodes);
  const paths = (open: string[], by: "parameters" | "macs" | null) =>
    shownOf(tree, new Set(open), by).map(({ row }) => row.path);
  expect(paths([], null)).toEqual(["data", "stage", "fc"]);
  expect(paths([], "parameters")).toEqual(["fc", "stage", "data"]);
  expect(paths(["stage"], "parameters")).toEqual(["fc", "stage", "stage/1", "stage/0", "data"]);
  expect(paths(["stage"], "macs")).toEqual(["stage", "stage/0", "stage/1", "fc", "data"]);
});

test("shares are of the whole", () => {
  expect([share(0, 10), share(1, 3), share(10, 10), share(1, 5000), share(0, 0)]).toEqual([
    "",
    "33.3 %",
    "100 %",
    "<0.1 %",
    "",
  ]);
  expect(ancestorsOf("a/0/b")).toEqual(["a", "a/0"]);
});

test("bars are as long as what lies beside them allows", () => {
  const most = mostOf(shownOf(treeOf(nodes), new Set(["stage"]), null));
  expect(most.map(({ parameters }) => parameters)).toEqual([60, 30]);
});
