import { expect, test } from "vitest";
import type { Frame, FrameArray } from "./runFrames";
import { stageOf } from "./stage";

const floats = (...rows: number[][]): FrameArray => ({
  data: new Float32Array(rows.flat()),
  shape: [rows.length, 4],
  lo: [],
  hi: [],
});

const frame = (about: object, arrays: Record<string, FrameArray> = {}) =>
  ({ header: { about }, arrays: new Map(Object.entries(arrays)) }) as unknown as Frame;

test("values and slopes by port, changes by node and by the block round it", () => {
  const nothing = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  const stage = stageOf(
    frame(
      {
        part: "update",
        step: 3,
        phase: "",
        ports: [
          ["x", "y"],
          ["b/fc", "y"],
        ],
        parameters: [
          { node: "b/fc", name: "weight", numbers: 6 },
          { node: "b/fc", name: "bias", numbers: 2 },
          { node: "w", name: "value", numbers: 1, before: 2, after: 1.9 },
        ],
      },
      {
        values: floats([1, 0, 1, 1], [2, 0.5, 1, 3]),
        slopes: floats(nothing, [0.25, 0, 0.25, 0.25]),
        weights: floats([3, 1, 0.3, 3], [4, 1, 0.4, 4], [2, 1, 0.1, 1.9]),
      },
    ),
  );
  expect(stage.flows.get("x|y")).toEqual({ value: { mean: 1, std: 0, least: 1, most: 1 }, slope: null });
  expect(stage.flows.get("b/fc|y")?.slope?.mean).toBe(0.25);
  // √(0.3² + 0.4²) of √(3² + 4²).
  expect(stage.changes.get("b/fc")?.share).toBeCloseTo(0.1);
  expect(stage.changes.get("b")?.share).toBeCloseTo(0.1);
  expect(stage.changes.get("b")?.single).toBeNull();
  expect(stage.changes.get("w")?.single).toEqual({ before: 2, after: 1.9 });
  expect(stage.nodes).toEqual(["x", "b/fc"]);
});

test("where no step is looked at there is nothing", () => {
  expect(stageOf(frame({ part: "" })).part).toBe("");
});
