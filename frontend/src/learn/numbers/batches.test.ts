import { expect, test } from "vitest";
import { batchWay, lineGradient, lineLoss, noisyLine } from "./batches";
import { leastSquares } from "./matrix";
import { trajectory } from "./optimizers";
import { numericGradient } from "./slopes";

const POINTS = noisyLine(32, 0.4, 5);

test("the gradient of the line's loss is what trying it says", () => {
  const tried = numericGradient((a, b) => lineLoss(POINTS, a, b), 0.3, -1, 1e-5, true);
  lineGradient(POINTS, 0.3, -1).forEach((value, at) => {
    expect(value).toBeCloseTo(tried[at] as number, 8);
  });
});

test("T-001: with all samples at once it is plain descent, one step an epoch, down to the least squares", () => {
  const way = batchWay(POINTS, 32, 0.2, 200, [-1, 2], 1);
  expect(way).toHaveLength(201);
  const plain = trajectory(
    "sgd",
    { lr: 0.2, momentum: 0, memory: 0, decay: 0 },
    (a, b) => lineGradient(POINTS, a, b),
    [-1, 2],
    200,
  );
  way.forEach(({ a, b }, at) => {
    expect(a).toBeCloseTo(plain[at]?.[0] as number, 9);
    expect(b).toBeCloseTo(plain[at]?.[1] as number, 9);
  });
  const [b, a] = leastSquares(
    POINTS.map(([x]) => [1, x]),
    POINTS.map(([, y]) => y),
  ).solution as [number, number];
  expect(way.at(-1)?.a).toBeCloseTo(a, 6);
  expect(way.at(-1)?.b).toBeCloseTo(b, 6);
  const losses = way.map((visit) => lineLoss(POINTS, visit.a, visit.b));
  expect(losses.every((loss, at) => at === 0 || loss <= (losses[at - 1] as number) + 1e-12)).toBe(true);
});

test("T-002, T-003: one sample, or a few: as many samples seen, more steps, and never quite still", () => {
  const [one, few] = [batchWay(POINTS, 1, 0.1, 10, [-1, 2], 1), batchWay(POINTS, 8, 0.1, 10, [-1, 2], 1)];
  expect(one).toHaveLength(321);
  expect(few).toHaveLength(41);
  expect([one.at(-1)?.seen, few.at(-1)?.seen]).toEqual([320, 320]);
  // After the same samples they are lower than the whole batch is.
  const loss = (way: typeof one) => lineLoss(POINTS, way.at(-1)?.a as number, way.at(-1)?.b as number);
  expect(loss(few)).toBeLessThan(loss(batchWay(POINTS, 32, 0.1, 10, [-1, 2], 1)));
  // The last epoch of single samples goes up and down.
  const late = one.slice(-32).map(({ a, b }) => lineLoss(POINTS, a, b));
  expect(late.some((value, at) => at > 0 && value > (late[at - 1] as number))).toBe(true);
});

test("an uneven last batch is a smaller one", () => {
  expect(batchWay(POINTS, 10, 0.1, 1, [0, 0], 1).map(({ seen }) => seen)).toEqual([0, 10, 20, 30, 32]);
});
