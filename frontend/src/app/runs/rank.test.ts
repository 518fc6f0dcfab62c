import { expect, test } from "vitest";
import { gapOf } from "../../learn/numbers/gap";
import type { RunRow } from "../../wire/types";
import { bySeed, choosable, front, metricsOf, numberOf, ranked, satisfies, spreadOf } from "./rank";

const row = (id: string, seconds: number, accuracy: number, more: Partial<RunRow> = {}): RunRow => ({
  run: {
    id,
    board: "b",
    title: "",
    state: "finished",
    position: 0,
    message: "",
    step: 1,
    steps: 1,
    epoch: 1,
    epochs: 1,
    seconds,
    rate: 0,
    dials: {},
    seed: 0,
    hash: id,
    restarts: 0,
    metrics: { "validation.accuracy": accuracy, "validation.loss": 1 - accuracy, rate: 1 },
    created: 0,
    origin: null,
  },
  note: "",
  star: false,
  sweep: "",
  place: 0,
  parameters: 10,
  macs: 0,
  least: { "validation.loss": 0.01 },
  most: { "validation.accuracy": accuracy + 0.01 },
  settings: {},
  ...more,
});

test("M-003: of those that are quick enough the most accurate one comes first", () => {
  const rows = [row("slow", 90, 0.99), row("quick", 10, 0.9), row("middle", 50, 0.95)];
  const by = "metric:validation.accuracy";
  expect(ranked(rows, by, [], false)).toEqual(["slow", "middle", "quick"]);
  expect(ranked(rows, by, [{ of: "seconds", side: "most", value: 50 }], false)).toEqual(["middle", "quick"]);
  expect(ranked(rows, "metric:validation.loss", [], false)).toEqual(["slow", "middle", "quick"]);
  expect(satisfies(rows[0] as RunRow, [{ of: "macs", side: "most", value: 9 }], false)).toBe(false);
});

test("the best of a run is its lowest loss and its highest accuracy", () => {
  const it = row("a", 1, 0.8);
  expect(numberOf(it, "metric:validation.loss", true)).toBe(0.01);
  expect(numberOf(it, "metric:validation.accuracy", true)).toBeCloseTo(0.81);
  expect(numberOf(it, "metric:validation.accuracy", false)).toBe(0.8);
});

test("the front by hand: (1, .8) and (2, .9) are on it, (3, .85) and (2, .7) are beaten", () => {
  const points = [
    { id: "a", cost: 1, value: 0.8 },
    { id: "b", cost: 2, value: 0.9 },
    { id: "c", cost: 3, value: 0.85 },
    { id: "d", cost: 2, value: 0.7 },
  ];
  expect([...front(points, false)]).toEqual(["a", "b"]);
  expect([...front(points, true)]).toEqual(["a", "d"]);
});

test("seeds are one group with a mean and a spread: 1, 2, 3 are 2 ± 1", () => {
  const of = (id: string, seed: number, batch: number) => row(id, 1, 1, { settings: { "recipe.seed": seed, batch } });
  const groups = [...bySeed([of("a", 0, 8), of("b", 1, 8), of("c", 0, 9)]).values()];
  expect(groups.map((group) => group.map(({ run }) => run.id))).toEqual([["a", "b"], ["c"]]);
  expect(spreadOf([1, 2, 3])).toEqual({ count: 3, mean: 2, spread: 1 });
  expect(spreadOf([4])).toEqual({ count: 1, mean: 4, spread: null });
});

test("metrics come in the order in which they matter, and what is none is left out", () => {
  expect(metricsOf([row("a", 1, 1)])).toEqual(["validation.accuracy", "validation.loss"]);
});

test("M-004, V-003: bias and variance by the course's own numbers", () => {
  // 0:229: human 1 %, training 8 %, validation 10 %: bias. The same with human 7.5 %: variance.
  expect(gapOf(0.08, 0.1, 0.01, true)).toMatchObject({ verdict: "bias" });
  expect(gapOf(0.08, 0.1, 0.075, true)).toMatchObject({ verdict: "variance" });
  // C-061: training 15 %, validation 16 %: bias; 1 and 11 %: variance; 15 and 30 %: both.
  expect(gapOf(0.15, 0.16, 0.0, true).verdict).toBe("bias");
  expect(gapOf(0.01, 0.11, 0.0, true).verdict).toBe("variance");
  expect(gapOf(0.15, 0.3, 0.0, true).verdict).toBe("both");
  expect(gapOf(0.005, 0.006, 0.005, true).verdict).toBe("fine");
  expect(gapOf(0.02, 0.02, 0.1, true).verdict).toBe("beyond");
});

test("nothing is chosen by the test samples", () => {
  expect(choosable(["validation.loss", "test.loss", "train.loss"])).toEqual(["validation.loss", "train.loss"]);
});
