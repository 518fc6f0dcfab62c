import { expect, test } from "vitest";
import type { Kind, Watchable } from "../state/runViews";
import { nodeFor, tabsOf } from "./board";
import { mainPicture } from "./Overview";

const node = (path: string, ...kinds: Kind[]) =>
  ({ path, title: path, kinds, facts: { trainable_parameters: 0, outputs: {} } }) as unknown as Watchable;

const spiral = [node("points", "samples"), node("hidden", "neurons", "maps"), node("loss", "plane", "confusion")];
const lenet = [
  node("digits", "samples"),
  node("conv1", "filters", "maps"),
  node("full", "maps"),
  node("loss", "confusion"),
];
const detector = [node("shapes", "samples"), node("conv1", "filters", "maps"), node("loss", "boxes")];
const transformer = [node("words", "samples"), node("look", "attention", "maps"), node("loss", "confusion")];

test("a board has the tabs that it has something to show in", () => {
  expect(tabsOf(spiral)).toEqual(["overview", "neurons", "predictions", "costs"]);
  expect(tabsOf(lenet)).toEqual(["overview", "activations", "filters", "predictions", "costs"]);
  expect(tabsOf(detector)).toEqual(["overview", "activations", "filters", "predictions", "costs"]);
  expect(tabsOf(transformer)).toEqual(["overview", "activations", "attention", "predictions", "costs"]);
  const reader = [node("read", "attention", "states", "maps"), node("norm", "statistics"), node("share", "choice")];
  expect(tabsOf(reader)).toEqual([
    "overview",
    "activations",
    "attention",
    "states",
    "statistics",
    "predictions",
    "costs",
  ]);
  expect(tabsOf([])).toEqual(["overview", "costs"]);
  const judged = {
    ...node("loss"),
    facts: { trainable_parameters: 0, outputs: { loss: "float" } },
  } as unknown as Watchable;
  expect(tabsOf([node("data", "samples"), judged])).toEqual(["overview", "ask", "verdict", "costs"]);
  const learns = { ...node("fc"), facts: { trainable_parameters: 6, outputs: {} } } as unknown as Watchable;
  expect(tabsOf([learns])).toEqual(["overview", "layers", "costs"]);
  expect(tabsOf([learns], true)).toEqual(["overview", "layers", "step", "costs"]);
});

test("the overview shows what says most of the board", () => {
  const main = (nodes: Watchable[], focus: string | null = null) => {
    const found = mainPicture(nodes, focus);
    return found && [found.node.path, found.kind];
  };
  expect(main(spiral)).toEqual(["loss", "plane"]);
  expect(main(lenet)).toEqual(["conv1", "maps"]);
  expect(main(detector)).toEqual(["loss", "boxes"]);
  expect(main(transformer)).toEqual(["look", "attention"]);
  expect(main([])).toBeNull();
});

test("the node that is clicked is the one enlarged, where it has such a view", () => {
  expect(nodeFor(lenet, ["maps"], "full")?.path).toBe("full");
  expect(nodeFor(lenet, ["filters"], "full")?.path).toBe("conv1");
  expect(nodeFor(lenet, ["attention"], "full")).toBeNull();
  expect(mainPicture(lenet, "full")?.node.path).toBe("full");
  expect(mainPicture(lenet, "loss")?.kind).toBe("maps");
  const [norm, relu] = [node("norm", "statistics", "maps"), node("relu", "flat", "maps")];
  expect(mainPicture([norm, relu], "norm")?.kind).toBe("statistics");
  expect(mainPicture([norm, relu], "relu")?.kind).toBe("maps");
  expect(mainPicture([node("pool", "winners", "maps")], "pool")?.kind).toBe("maps");
});

test("of several attentions the last is shown first: deep in a network they have found what the task is about", () => {
  const layers = [node("encoder/0/attention", "attention"), node("encoder/1/attention", "attention")];
  expect(nodeFor(layers, ["attention"], null)?.path).toBe("encoder/1/attention");
  expect(nodeFor(layers, ["attention"], "encoder/0/attention")?.path).toBe("encoder/0/attention");
});
