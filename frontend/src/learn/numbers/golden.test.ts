/** Against what torch says of the same numbers (tests/learn/oracle.py). */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { reluPass, sigmoidPass, type TwoLayers } from "./backprop";
import { classifierStep, hinge } from "./classify";
import { misses } from "./counts";
import { OPTIMIZERS, type OptimizerName, settingsOf, trajectory } from "./optimizers";
import { he, xavier } from "./starts";
import { SURFACES, type SurfaceName } from "./surfaces";
import { type Knot, passes } from "./tape";

type Slopes = Record<string, number[] & number[][]> & { loss: number };
const golden = JSON.parse(readFileSync("../tests/golden/learn.json", "utf8")) as {
  trajectories: Record<SurfaceName, Record<OptimizerName, number[][]>>;
  classifier: Slopes & { inputs: { w: number[][]; b: number[]; x: number[][]; truth: number[] }; next: Slopes };
  layers: { inputs: TwoLayers & { x: number[] }; relu: Slopes; sigmoid: Slopes };
  hand: Record<"graph" | "on" | "off", Record<string, number>>;
  losses: Record<"hinge" | "flat" | "he" | "mse", number>;
};

/** Equal in shape, numbers to nine places behind the point. */
function close(found: unknown, wanted: unknown): void {
  if (Array.isArray(wanted)) {
    expect(found).toHaveLength(wanted.length);
    wanted.forEach((each, at) => {
      close((found as unknown[])[at], each);
    });
  } else expect(found).toBeCloseTo(wanted as number, 8);
}

const races = Object.keys(golden.trajectories).flatMap((surface) =>
  Object.keys(OPTIMIZERS).map((name) => [name, surface] as [OptimizerName, SurfaceName]),
);

test.each(races)("V-022, T-004…T-009, C-078: %s on the %s goes where torch.optim goes", (name, surface) => {
  const wanted = golden.trajectories[surface][name];
  const start = wanted[0] as [number, number];
  const path = trajectory(name, settingsOf(name), SURFACES[surface].gradient, start, wanted.length - 1);
  close(path, wanted);
});

test("C-042, C-043: p − 1 at the true class, and a whole step", () => {
  const { inputs, w, b, loss, next } = golden.classifier;
  const found = classifierStep(
    inputs,
    inputs.x.map((x, at) => ({ x, truth: inputs.truth[at] ?? 0 })),
    0.5,
  );
  expect(found.loss).toBeCloseTo(loss, 9);
  close(found.gradient.w, w);
  close(found.gradient.b, b);
  close(found.next.w, next.w);
  close(found.next.b, next.b);
  expect(found.deltas[0]?.[1]).toBeCloseTo((found.shares[0]?.[1] ?? 0) - 1, 12);
});

test("C-044: two layers with ReLU, every gradient", () => {
  const { inputs, relu } = golden.layers;
  const found = reluPass(inputs, inputs.x, 1);
  close([found.loss, found.dW1, found.dB1, found.dW2, found.dB2], [relu.loss, relu.w1, relu.b1, relu.w2, relu.b2]);
});

test("C-045: two layers with sigmoids and ½Σ(ŷ − y)², every gradient", () => {
  const { inputs, sigmoid } = golden.layers;
  const found = sigmoidPass(inputs, inputs.x, [1, 0]);
  close(
    [found.loss, found.dW1, found.dB1, found.dW2, found.dB2],
    [sigmoid.loss, sigmoid.w1, sigmoid.b1, sigmoid.w2, sigmoid.b2],
  );
});

const PRODUCT: Knot[] = [
  { id: "x", op: "input", from: [] },
  { id: "y", op: "input", from: [] },
  { id: "z", op: "input", from: [] },
  { id: "v", op: "add", from: ["y", "z"] },
  { id: "f", op: "multiply", from: ["x", "v"] },
];

test("C-040: f = x(y + z) at 2, 1, 0: v 1, f 2, and backwards 1, 2, 2, 2", () => {
  const { value, slope } = passes(PRODUCT, { x: 2, y: 1, z: 0 });
  expect(value).toMatchObject({ v: 1, f: 2 });
  expect(slope).toEqual({ f: 1, x: 1, v: 2, y: 2, z: 2 });
  const { loss, ...slopes } = golden.hand.graph;
  expect(value.f).toBe(loss);
  expect(slope).toMatchObject(slopes);
});

test("C-041: max(wx + b, 0) passes its slope on where the sum is above 0, and else nothing", () => {
  const knots: Knot[] = [
    { id: "w", op: "input", from: [] },
    { id: "x", op: "input", from: [] },
    { id: "b", op: "input", from: [] },
    { id: "v", op: "multiply", from: ["w", "x"] },
    { id: "s", op: "add", from: ["v", "b"] },
    { id: "l", op: "relu", from: ["s"] },
  ];
  for (const [name, b] of [
    ["on", 1],
    ["off", -9],
  ] as const) {
    const { value, slope } = passes(knots, { w: 2, x: 3, b });
    const { loss, ...slopes } = golden.hand[name];
    expect(value.l).toBe(loss);
    expect(slope).toMatchObject(slopes);
  }
});

test("a number that is used twice gets both slopes", () => {
  const square: Knot[] = [
    { id: "x", op: "input", from: [] },
    { id: "f", op: "multiply", from: ["x", "x"] },
  ];
  expect(passes(square, { x: 3 }).slope.x).toBe(6);
});

test("C-064: hinge loss; of scores near 0 it is K − 1", () => {
  expect(hinge([3.2, 5.1, -1.7], 0).loss).toBeCloseTo(golden.losses.hinge, 5);
  expect(hinge([3.2, 5.1, -1.7], 0).parts).toEqual([0, expect.closeTo(2.9, 9), 0]);
  expect(hinge(Array(10).fill(0), 4).loss).toBeCloseTo(golden.losses.flat, 9);
  expect(hinge(Array(10).fill(0), 4).loss).toBe(9);
});

test("C-065: 100 → 50: He .1414, Xavier .1155", () => {
  expect(he(100)).toBeCloseTo(golden.losses.he, 12);
  expect(he(100)).toBeCloseTo(0.1414, 4);
  expect(xavier(100, 50)).toBeCloseTo(0.1155, 4);
});

test("C-058: root mean squared error", () => {
  const found = misses([3, 5, 9], [2, 5, 7]);
  expect(found.mse).toBeCloseTo(golden.losses.mse, 12);
  expect(found.rmse).toBeCloseTo(Math.sqrt(5 / 3), 12);
  expect(found.mae).toBe(1);
});
