import { describe, expect, test } from "vitest";
import * as a from "./arithmetic";

const one = (kernel: number, stride = 1, padding = 0, dilation = 1): a.Slide => ({
  kernel,
  stride,
  padding: [padding, padding],
  dilation,
});
const GRID = [
  [1, 1, 2, 4],
  [5, 6, 7, 8],
  [3, 2, 1, 0],
  [1, 2, 3, 4],
];

test.each([
  [4, one(3), 2],
  [32, one(5), 28],
  [32, one(5, 1, 2), 32],
  [5, one(3, 2), 2],
  [32, one(3, 1, 2, 2), 32],
])("C-001, C-006: %d under %o leaves %d", (length, slide, expected) => {
  expect(a.places(length, slide)).toBe(expected);
});

test("C-002: “same” puts (K − 1)/2 on both sides, and an odd one behind", () => {
  expect([3, 5, 7].map((kernel) => a.samePadding(kernel, 1))).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(a.samePadding(4, 1)).toEqual([1, 2]);
  expect(a.samePadding(3, 2)).toEqual([2, 2]);
});

test("C-003: pooling 2×2 by maximum and by mean", () => {
  const two = one(2, 2);
  expect(a.slide(GRID, two, two, [], "max")).toEqual([
    [6, 8],
    [3, 4],
  ]);
  expect(a.slide(GRID, two, two, [], "mean")).toEqual([
    [3.25, 5.25],
    [2, 2],
  ]);
});

test("C-003: the winner of a window is lit, and padding never wins a maximum", () => {
  const cells = a.touched([[-3, -1]], one(2, 1, 1), one(2, 1, 1), 0, 0);
  expect(cells.map(({ padded }) => padded)).toEqual([true, true, true, false]);
  expect(a.reduce(cells, [], "max")).toEqual({ value: -3, winner: 3 });
  expect(a.reduce(cells, [], "mean").value).toBe(-0.75);
});

test("a pooling that rounds up reaches behind the border, and its mean leaves that out", () => {
  const two = one(2, 2);
  expect(a.roundedUp(5, two)).toBe(1);
  expect(a.roundedUp(4, two)).toBe(0);
  const up = { ...two, more: 1 };
  expect(a.slide([[1, 2, 3, 4, 5]], one(1), up, [], "mean")).toEqual([[1.5, 3.5, 5]]);
  // A window that would begin in the padding behind is left out.
  expect(a.roundedUp(4, one(2, 3, 1))).toBe(0);
});

test("a mean may leave the padding out", () => {
  const slide = one(2, 2, 1);
  expect(a.slide([[4, 4]], one(1), slide, [], "mean")).toEqual([[2, 2]]);
  expect(a.slide([[4, 4]], one(1), slide, [], "inner")).toEqual([[4, 4]]);
});

test("C-010: a 3×3 kernel of ones on 4×4 by hand", () => {
  const ones = Array.from({ length: 9 }, () => 1);
  expect(a.slide(GRID, one(3), one(3), ones, "convolution")).toEqual([
    [28, 31],
    [30, 33],
  ]);
});

test("C-010: one 5×5 kernel on 32×32 leaves 28×28", () => {
  const picture = Array.from({ length: 32 }, () => Array.from({ length: 32 }, () => 1));
  const map = a.slide(
    picture,
    one(5),
    one(5),
    Array.from({ length: 25 }, () => 1),
    "convolution",
  );
  expect([map.length, map[0]?.length, map[27]?.[27]]).toEqual([28, 28, 25]);
});

test("L-021: dilation leaves gaps", () => {
  const cells = a.touched(GRID, one(2, 1, 0, 2), one(2, 1, 0, 2), 0, 1);
  expect(cells.map(({ row, column }) => [row, column])).toEqual([
    [0, 1],
    [0, 3],
    [2, 1],
    [2, 3],
  ]);
});

test("L-023: convolution turns the kernel by half a circle", () => {
  expect(a.flipped([1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

describe("C-005: overlap and add", () => {
  test.each([
    [0, 0, 5],
    [1, 0, 3],
    [1, 1, 4],
  ])("two numbers, a kernel of 3, stride 2, padding %d and %d more give %d", (padding, extra, length) => {
    const slide = one(3, 2, padding);
    expect(a.transposedLength(2, slide, extra)).toBe(length);
    expect(a.stamped([1, 2], [1, 1, 1], slide, extra).output).toHaveLength(length);
  });

  test("where stamps overlap they add up", () => {
    const { stamps, output } = a.stamped([1, 2], [1, 10, 100], one(3, 2), 0);
    expect(stamps.map(({ at }) => at)).toEqual([0, 2]);
    expect(output).toEqual([1, 10, 102, 20, 200]);
  });

  test("padding cuts both ends, more at the end cuts less of it or adds zeros", () => {
    expect(a.stamped([1, 2], [1, 10, 100], one(3, 2, 1), 0).output).toEqual([10, 102, 20]);
    expect(a.stamped([1, 2], [1, 10, 100], one(3, 2, 1), 1).output).toEqual([10, 102, 20, 200]);
    expect(a.stamped([1, 2], [1, 10, 100], one(3, 2, 0), 1).output).toEqual([1, 10, 102, 20, 200, 0]);
  });
});

test("L-003: a neuron", () => {
  const z = a.weighted([1, 2, 3], [0.5, -1, 2], 0.5);
  expect(z).toBe(5);
  expect(a.GATES.relu(-z)).toBe(0);
  expect(a.GATES.sigmoid(0)).toBe(0.5);
});

test("C-035: softmax of (21, 8, 11)", () => {
  const [first, second, third] = a.softmax([21, 8, 11]) as [number, number, number];
  expect(first).toBeCloseTo(0.99995234, 8);
  expect(second).toBeCloseTo(2.26e-6, 8);
  expect(third).toBeCloseTo(4.54e-5, 7);
  expect(a.softmax([1000, 1000])).toEqual([0.5, 0.5]);
});

test("C-047: the batch-norm column", () => {
  const { mean, variance, values } = a.normalise([1, 2, 3, 4], 1e-5, 1, 0);
  expect([mean, variance]).toEqual([2.5, 1.25]);
  expect(values.map((value) => value.toFixed(4))).toEqual(["-1.3416", "-0.4472", "0.4472", "1.3416"]);
  expect(a.normalise([1, 2, 3, 4], 1e-5, 0, 7).values).toEqual([7, 7, 7, 7]);
});

test("L-058: positions 0 and 1 in 4 features", () => {
  const at = (position: number) => [0, 1, 2, 3].map((feature) => a.encoding(position, feature, 4));
  expect(at(0)).toEqual([0, 1, 0, 1]);
  expect(at(1).map((value) => value.toFixed(5))).toEqual(["0.84147", "0.54030", "0.01000", "0.99995"]);
});

test("C-068: attention by hand", () => {
  const keys = [
    [1, 0],
    [0, 1],
  ];
  const values = [
    [10, 0],
    [0, 10],
  ];
  const plain = a.attend([1, 0], keys, values, false);
  expect(plain.weights.map((weight) => weight.toFixed(4))).toEqual(["0.7311", "0.2689"]);
  const scaled = a.attend([1, 0], keys, values, true);
  expect(scaled.weights.map((weight) => weight.toFixed(4))).toEqual(["0.6698", "0.3302"]);
  expect(scaled.output.map((value) => value.toFixed(3))).toEqual(["6.698", "3.302"]);
});

test("C-040: roles in the backward pass: distributor, swapper, router, adder", () => {
  expect(a.backward("add", 1, 0, 2)).toEqual({ value: 1, gradients: [2, 2] });
  expect(a.backward("subtract", 1, 3, 2)).toEqual({ value: -2, gradients: [2, -2] });
  expect(a.backward("multiply", 2, 1, 1)).toEqual({ value: 2, gradients: [1, 2] });
  expect(a.backward("max", 2, 1, 5)).toEqual({ value: 2, gradients: [5, 0] });
  expect(a.backward("max", 1, 1, 4).gradients).toEqual([2, 2]);
  expect(a.backward("copy", 3, 0, 2, 5)).toEqual({ value: 3, gradients: [7] });
});

test("L-036: a step's mask is the same when one looks again, and drops about its rate", () => {
  expect(a.keptMask(24, 0.5, 3)).toEqual(a.keptMask(24, 0.5, 3));
  expect(a.keptMask(24, 0.5, 3)).not.toEqual(a.keptMask(24, 0.5, 4));
  const kept = a.keptMask(10_000, 0.2, 1).filter(Boolean).length;
  expect(Math.abs(kept / 10_000 - 0.8)).toBeLessThan(0.02);
  expect(a.keptMask(10, 0, 1)).not.toContain(false);
});

test("L-002: a place in the cube and its place in the row", () => {
  for (let at = 0; at < 2 * 3 * 4; at++) {
    const [c, i, j] = a.fromIndex(3, 4, at);
    expect(a.rowIndex(3, 4, c, i, j)).toBe(at);
  }
  expect([10, 5, 7, 3].map((_, at) => a.fromIndex(2, 2, at))).toEqual([
    [0, 0, 0],
    [0, 0, 1],
    [0, 1, 0],
    [0, 1, 1],
  ]);
});
