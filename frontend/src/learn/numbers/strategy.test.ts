import { expect, test } from "vitest";
import { f1, noticeable, splitCounts, sufficiency } from "./counts";
import { meanOutput, spreadOutput, subNetworks } from "./ensemble";
import { dot } from "./matrix";
import { productBack, signalThrough, slopeOf } from "./starts";

test("C-055: .8 and .5 give .6154", () => {
  expect(f1(0.8, 0.5)).toBeCloseTo(0.6154, 4);
  expect(f1(0, 0)).toBe(0);
});

test("C-063: a million samples as 98/1/1, and nothing lost in rounding", () => {
  expect(splitCounts(1_000_000, [98, 1, 1])).toEqual([980_000, 10_000, 10_000]);
  expect(splitCounts(7, [60, 20, 20])).toEqual([5, 1, 1]);
  expect(splitCounts(10, [1, 1, 1]).reduce((a, b) => a + b)).toBe(10);
});

test("M-007: a test of 100 samples cannot tell 90 % from 95 %, one of 10,000 can", () => {
  expect(noticeable(0.9, 100)).toBeCloseTo(0.06, 9);
  expect(noticeable(0.9, 10_000)).toBeCloseTo(0.006, 9);
});

test("C-066: four sigmoids pass on at most (1/4)⁴", () => {
  expect(productBack("sigmoid", [0, 0, 0, 0], [1, 1, 1, 1]).products).toEqual([0.25, 0.0625, 0.015625, 0.00390625]);
  for (const z of [-4, -1, 0.3, 2]) expect(slopeOf("sigmoid", z)).toBeLessThanOrEqual(0.25);
  // The sigmoid's slope, by trying.
  const s = (z: number) => 1 / (1 + Math.exp(-z));
  expect(slopeOf("sigmoid", 0.7)).toBeCloseTo((s(0.7001) - s(0.6999)) / 0.0002, 7);
  expect(slopeOf("tanh", 0.7)).toBeCloseTo((Math.tanh(0.7001) - Math.tanh(0.6999)) / 0.0002, 7);
  expect(productBack("relu", [1, 2, -1], [2, 2, 2]).products).toEqual([0, 0, 0]);
});

test("C-065: with He's width a signal keeps its size through ReLUs; a tenth of it dies, three times grows", () => {
  const he = Math.sqrt(2 / 64);
  const last = (deviation: number) => signalThrough(10, 64, deviation, "relu", 3).at(-1) as number;
  expect(last(he)).toBeGreaterThan(0.1);
  expect(last(he)).toBeLessThan(10);
  expect(last(0.1 * he)).toBeLessThan(1e-8);
  expect(last(3 * he)).toBeGreaterThan(1e3);
  expect(signalThrough(10, 64, he, "relu", 3)).toEqual(signalThrough(10, 64, he, "relu", 3));
});

test("C-071, V-045: all networks that dropout draws answer on average as the whole one does", () => {
  const [hidden, w] = [
    [1, 0.5, -2, 3],
    [0.4, -1, 0.3, 0.2],
  ];
  const networks = subNetworks(hidden, w, 0.7, 0.3);
  expect(networks).toHaveLength(16);
  expect(networks.reduce((sum, { chance }) => sum + chance, 0)).toBeCloseTo(1, 12);
  expect(meanOutput(networks)).toBeCloseTo(0.7 + dot(hidden, w), 12);
  // Each unit by itself adds w²h²·rate/(1 − rate) to the variance.
  const variance = hidden.reduce((sum, h, at) => sum + ((w[at] ?? 0) * h) ** 2 * (0.3 / 0.7), 0);
  expect(spreadOutput(networks)).toBeCloseTo(Math.sqrt(variance), 12);
});

test("C-073, M-010: about 3,000 samples a class, and far more of them than parameters", () => {
  expect(sufficiency(10, 3000, 1000).verdict).toBe("plenty");
  expect(sufficiency(10, 500, 1000)).toEqual({ ratio: 5, missing: 25_000, verdict: "fair" });
  expect(sufficiency(10, 100, 60_000_000).verdict).toBe("few");
});
