import { expect, test } from "vitest";
import { Curves, type Series } from "../state/runSeries";
import { joined, linesUnder, lossLines, metricLines } from "./metrics";

const along = (curves: Curves, axis: "step" | "epoch" | "seconds" = "step") => ({ curves, axis });

function curves(series: Record<string, number>): Curves {
  const found = new Curves();
  found.append([{ step: 1, epoch: 0, seconds: 0, values: series }]);
  return found;
}

test("the losses are the training and the validation line, whatever else is measured", () => {
  const lines = lossLines(
    along(curves({ "validation.loss": 2, "train.loss": 1, rate: 0.1, "train.loss.head": 3 })),
    (part) => part,
  );
  expect(lines.map(({ id, name }) => [id, name])).toEqual([
    ["train.loss", "train"],
    ["validation.loss", "validation"],
  ]);
});

test("what large weights cost is a line beside the losses, and no metric", () => {
  const found = curves({ "train.loss": 1, "train.penalty": 0.2, "train.accuracy": 0.5 });
  expect(lossLines(along(found), (part) => part).map(({ name }) => name)).toEqual(["train", "penalty"]);
  expect(metricLines(along(found), (_, name) => name).names).toEqual(["accuracy"]);
});

test("a single metric is named by its parts", () => {
  const found = metricLines(
    along(curves({ "train.accuracy": 0.5, "validation.accuracy": 0.4, "validation.loss": 1, updates_per_second: 9 })),
    (part, name, alone) => (alone ? part : name),
  );
  expect(found.names).toEqual(["accuracy"]);
  expect(found.lines.map(({ name }) => name)).toEqual(["train", "validation"]);
  expect(found.shares).toBe(true);
});

test("several metrics have colours and names of their own; test results are no curve", () => {
  const found = metricLines(
    along(curves({ "validation.map50": 0.5, "validation.map": 0.2, "test.map50": 0.6 })),
    (_, name) => name,
  );
  expect(found.lines.map(({ name }) => name)).toEqual(["map50", "map"]);
  expect(new Set(found.lines.map(({ colour }) => colour)).size).toBe(2);
});

test("what is no share is not written in percent", () => {
  expect(metricLines(along(curves({ "validation.error": 12 })), (_, name) => name).shares).toBe(false);
});

test("a line's arrays are those of the moment, not of a series that grows on", () => {
  const found = curves({ "train.loss": 1 });
  const [line] = lossLines(along(found), (part) => part);
  for (let step = 2; step < 200; step++) found.append([{ step, epoch: 0, seconds: 0, values: { "train.loss": step } }]);
  expect(line?.length).toBe(1);
});

test("epochs and seconds are the places of the same points", () => {
  const found = new Curves();
  found.append(
    [1, 2, 3].map((step) => ({ step, epoch: step / 2, seconds: step * 10, values: { "train.loss": -step } })),
  );
  const x = (axis: "step" | "epoch" | "seconds") => {
    const [line] = lossLines(along(found, axis), (part) => part);
    return Array.from({ length: line?.length ?? 0 }, (_, at) => line?.x[at]);
  };
  expect([x("step"), x("epoch"), x("seconds")]).toEqual([
    [1, 2, 3],
    [0.5, 1, 1.5],
    [10, 20, 30],
  ]);
});

const whole = (steps: number[]) => ({
  at: {
    step: Float32Array.from(steps),
    epoch: Float32Array.from(steps, (step) => step / 2),
    seconds: Float32Array.from(steps, (step) => step * 10),
  },
  values: Float32Array.from(steps, (step) => -step),
  step: steps.at(-1) ?? 0,
  ended: false,
});

test("every point that was asked for, and those that came since, once each", () => {
  const found = new Curves();
  // Of the first six the run kept two.
  found.append([2, 6, 7, 8].map((step) => ({ step, epoch: step / 2, seconds: step * 10, values: { a: -step } })));
  const series = found.series.get("a") as Series;
  for (const [axis, factor] of [
    ["step", 1],
    ["epoch", 0.5],
    ["seconds", 10],
  ] as const) {
    const { x, y, length } = joined(series, whole([1, 2, 3, 4, 5, 6]), axis);
    expect(Array.from(x)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((step) => step * factor));
    expect(Array.from(y)).toEqual([-1, -2, -3, -4, -5, -6, -7, -8]);
    expect(length).toBe(8);
  }
});

test("an earlier run lies under a line of its series, in its colour, faint", () => {
  const own = lossLines(along(curves({ "train.loss": 1, "validation.loss": 2 })), (part) => part);
  const known = new Map([["old train.loss", whole([1, 2])]]);
  const found = linesUnder(own, ["old", "unknown"], known, "seconds", (run, line) => `${run} ${line}`);
  expect(found.map(({ id, name, colour, faint }) => [id, name, colour, faint])).toEqual([
    ["old train.loss", "old train", own[0]?.colour, true],
  ]);
  expect(Array.from(found[0]?.x as ArrayLike<number>)).toEqual([10, 20]);
});
