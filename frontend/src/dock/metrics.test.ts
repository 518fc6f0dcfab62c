import { expect, test } from "vitest";
import { Curves } from "../state/runSeries";
import { lossLines, metricLines } from "./metrics";

function curves(series: Record<string, number>): Curves {
  const found = new Curves();
  found.append([{ step: 1, epoch: 0, seconds: 0, values: series }]);
  return found;
}

test("the losses are the training and the validation line, whatever else is measured", () => {
  const lines = lossLines(
    curves({ "validation.loss": 2, "train.loss": 1, rate: 0.1, "train.loss.head": 3 }),
    (part) => part,
  );
  expect(lines.map(({ name, dots }) => [name, dots])).toEqual([
    ["train", false],
    ["validation", true],
  ]);
});

test("what large weights cost is a line beside the losses, and no metric", () => {
  const found = curves({ "train.loss": 1, "train.penalty": 0.2, "train.accuracy": 0.5 });
  expect(lossLines(found, (part) => part).map(({ name }) => name)).toEqual(["train", "penalty"]);
  expect(metricLines(found, (_, name) => name).names).toEqual(["accuracy"]);
});

test("a single metric is named by its parts", () => {
  const found = metricLines(
    curves({ "train.accuracy": 0.5, "validation.accuracy": 0.4, "validation.loss": 1, updates_per_second: 9 }),
    (part, name, alone) => (alone ? part : name),
  );
  expect(found.names).toEqual(["accuracy"]);
  expect(found.lines.map(({ name }) => name)).toEqual(["train", "validation"]);
  expect(found.shares).toBe(true);
});

test("several metrics have colours and names of their own; test results are no curve", () => {
  const found = metricLines(
    curves({ "validation.map50": 0.5, "validation.map": 0.2, "test.map50": 0.6 }),
    (_, name) => name,
  );
  expect(found.lines.map(({ name }) => name)).toEqual(["map50", "map"]);
  expect(new Set(found.lines.map(({ colour }) => colour)).size).toBe(2);
});

test("what is no share is not written in percent", () => {
  expect(metricLines(curves({ "validation.error": 12 }), (_, name) => name).shares).toBe(false);
});

test("a line's arrays are those of the moment, not of a series that grows on", () => {
  const found = curves({ "train.loss": 1 });
  const [line] = lossLines(found, (part) => part);
  for (let step = 2; step < 200; step++) found.append([{ step, epoch: 0, seconds: 0, values: { "train.loss": step } }]);
  expect(line?.length).toBe(1);
});
