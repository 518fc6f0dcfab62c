import { expect, test } from "vitest";
import { type Candidate, ceiling, cellFor, freezing, knobFor, methodFor, needs, survives, winner } from "./decisions";

test("M-001: the first gap that is worth work names the knob", () => {
  expect(knobFor({ human: 1, train: 8, dev: 9, test: 9, real: 9 }).turn).toBe("train");
  expect(knobFor({ human: 1, train: 1.5, dev: 9, test: 9, real: 9 }).turn).toBe("dev");
  expect(knobFor({ human: 1, train: 1.5, dev: 2, test: 7, real: 7 }).turn).toBe("test");
  expect(knobFor({ human: 1, train: 1.5, dev: 2, test: 2, real: 12 }).turn).toBe("real");
  const fine = knobFor({ human: 1, train: 1.5, dev: 2, test: 2, real: 2 });
  expect(fine.turn).toBeNull();
  expect(fine.gaps.map(({ gap }) => gap)).toEqual([0.5, 0.5, 0, 0]);
});

const MODELS: Candidate[] = [
  { name: "A", precision: 90, recall: 90, milliseconds: 80, megabytes: 50 },
  { name: "B", precision: 92, recall: 92, milliseconds: 95, megabytes: 200 },
  { name: "C", precision: 99, recall: 60, milliseconds: 1500, megabytes: 900 },
];

test("M-002, M-003: one number to be as large as can be, limits that must hold", () => {
  const score = ({ precision, recall }: Candidate) => (2 * precision * recall) / (precision + recall);
  expect(winner(MODELS, { milliseconds: 100, megabytes: 1000 }, score)?.name).toBe("B");
  expect(winner(MODELS, { milliseconds: 100, megabytes: 100 }, score)?.name).toBe("A");
  expect(winner(MODELS, { milliseconds: 2000, megabytes: 1000 }, ({ precision }) => precision)?.name).toBe("C");
  expect(winner(MODELS, { milliseconds: 10, megabytes: 10 }, score)).toBeNull();
});

test("M-008: 5 of 100 mistakes are dogs: of an error of 10 % at most half a point", () => {
  expect(ceiling(10, 5, 100)).toBe(0.5);
  expect(ceiling(10, 50, 100)).toBe(5);
  expect(ceiling(10, 0, 0)).toBe(0);
});

test("M-009, V-039: little data, some, much", () => {
  expect(methodFor(200, "table", false)).toBe("classic");
  expect(methodFor(200, "picture", true)).toBe("transfer");
  expect(methodFor(200, "text", false)).toBe("classic");
  expect(methodFor(20_000, "picture", false)).toBe("small");
  expect(methodFor(1_000_000, "picture", false)).toBe("deep");
});

test("M-011, M-012: the four corners of size and likeness", () => {
  expect(freezing(500, 0.9, 10)).toEqual({ way: "head", trained: 1 });
  expect(freezing(500, 0.1, 10)).toEqual({ way: "early", trained: 4 });
  expect(freezing(50_000, 0.9, 10)).toEqual({ way: "top", trained: 5 });
  expect(freezing(50_000, 0.1, 10)).toEqual({ way: "all", trained: 10 });
});

test("M-016: by the notes' lengths", () => {
  expect([5, 10, 75, 76].map(cellFor)).toEqual(["rnn", "lstm", "lstm", "attention"]);
  expect(survives(0.5, 10)).toBeCloseTo(0.000977, 6);
});

test("M-013: AlexNet's weights are 244 MB, and 1.43 GFLOP take 29 ms at 50 GFLOP/s", () => {
  const { bytes, training, seconds } = needs(61_100_840, 714_188_480, 50e9);
  expect([bytes, training]).toEqual([244_403_360, 977_613_440]);
  expect(seconds).toBeCloseTo(0.02857, 5);
});
