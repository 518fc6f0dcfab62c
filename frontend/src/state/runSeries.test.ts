import { expect, test } from "vitest";
import type { Curve } from "../wire/types";
import { Curves, Series } from "./runSeries";

const point = (step: number, values: Record<string, number>): Curve => ({
  step,
  epoch: step / 10,
  seconds: step / 100,
  values,
});
const read = (curves: Curves, name: string) => {
  const series = curves.series.get(name) as Series;
  return [...series.x.subarray(0, series.length)].map((x, i) => [x, series.y[i]]);
};

test("points are appended to the series that they name", () => {
  const curves = new Curves();
  curves.append([point(1, { "train.loss": 2 }), point(2, { "train.loss": 1.5, "validation.loss": 1.8 })]);
  curves.append([point(3, { "train.loss": 1 })]);
  expect(read(curves, "train.loss")).toEqual([
    [1, 2],
    [2, 1.5],
    [3, 1],
  ]);
  expect(read(curves, "validation.loss")).toEqual([[2, 1.8]]);
});

test("a rewind drops what came later, in every series, and the curve goes on from there", () => {
  const curves = new Curves();
  curves.append([1, 2, 3, 4].map((step) => point(step, { a: step, ...(step % 2 ? {} : { b: -step }) })));
  curves.rewind(2);
  curves.append([point(3, { a: 30 })]);
  expect(read(curves, "a")).toEqual([
    [1, 1],
    [2, 2],
    [3, 30],
  ]);
  expect(read(curves, "b")).toEqual([[2, -2]]);
});

test("a rewind to the start leaves nothing", () => {
  const curves = new Curves();
  curves.append([point(1, { a: 1 })]);
  curves.rewind(0);
  expect(read(curves, "a")).toEqual([]);
});

test("a snapshot replaces everything", () => {
  const curves = new Curves();
  curves.append([point(1, { a: 1, old: 1 })]);
  curves.replace([point(5, { a: 5 })]);
  expect(curves.names()).toEqual(["a"]);
  expect(read(curves, "a")).toEqual([[5, 5]]);
});

test("steps rise strictly: a step told again replaces the first telling", () => {
  const series = new Series();
  series.append(point(1, {}), 10);
  series.append(point(2, {}), 20);
  series.append(point(2, {}), 21);
  expect([...series.x.subarray(0, series.length)]).toEqual([1, 2]);
  expect(series.last).toBe(21);
});

test("many points grow the arrays without losing one", () => {
  const curves = new Curves();
  curves.append(Array.from({ length: 5000 }, (_, i) => point(i + 1, { a: i })));
  const series = curves.series.get("a") as Series;
  expect(series.length).toBe(5000);
  expect(series.y[4321]).toBe(4321);
  expect(series.x[4321]).toBe(4322);
});

test("every change has a new version", () => {
  const curves = new Curves();
  const seen = [curves.version];
  curves.append([point(1, { a: 1 })]);
  seen.push(curves.version);
  curves.rewind(0);
  seen.push(curves.version);
  expect(new Set(seen).size).toBe(3);
});
