import { expect, test } from "vitest";
import type { Frame } from "../state/runFrames";
import { heat, layersOf } from "./norms";

const frame = (nodes: string[], steps: number[], norms: number[]): Frame =>
  ({
    header: { about: { nodes } },
    arrays: new Map<string, unknown>([
      ["norms", { data: new Float32Array(norms), shape: [steps.length, nodes.length, 3], lo: [], hi: [] }],
      ["steps", { data: new Int32Array(steps), shape: [steps.length], lo: [], hi: [] }],
    ]),
  }) as unknown as Frame;

test("V-004: rows by layer over the run, with what is wrong with the newest number", () => {
  const seen = frame(["a", "b"], [1, 9], [1, 2, 0.01, 1, 4, 0.001, 1e-6, 2, 1e-9, 0.5, 4, 0.5]);
  const { rows, steps } = layersOf(seen, "gradient");
  expect(steps).toEqual([1, 9]);
  expect(rows.map(({ node, alarm }) => [node, alarm])).toEqual([
    ["a", "fading"],
    ["b", null],
  ]);
  expect(rows[1]?.values).toEqual([1, 0.5]);
  expect(layersOf(seen, "update").rows.map(({ alarm }) => alarm)).toEqual(["still", "hasty"]);
  expect(layersOf(seen, "weights").rows.map(({ alarm }) => alarm)).toEqual([null, null]);
  expect(layersOf(frame(["a"], [1], [500, 1, 0.01]), "gradient").rows[0]?.alarm).toBe("exploding");
});

test("heat goes by powers of ten, from the least of all rows to the most", () => {
  const rows = [
    { node: "a", values: [1, 100], alarm: null },
    { node: "b", values: [10, 1], alarm: null },
  ];
  expect(heat(rows).map((row) => [...row])).toEqual([
    [0, 255],
    [128, 0],
  ]);
});

test("before the first update there is nothing", () => {
  expect(layersOf(frame(["a"], [], []), "gradient").rows).toEqual([]);
});
