import { expect, it } from "vitest";
import { countsAt, courseOf, ratesOf } from "./yesNo";

it("counts what is found at a threshold, the threshold itself with it", () => {
  const [shares, truth] = [
    [0.9, 0.8, 0.5, 0.4, 0.1],
    [1, 0, 1, 1, 0],
  ];
  expect(countsAt(shares, truth, 0.5)).toEqual({ hits: 2, alarms: 1, misses: 1, rest: 1 });
  expect(countsAt(shares, truth, 0)).toEqual({ hits: 3, alarms: 2, misses: 0, rest: 0 });
  expect(countsAt(shares, truth, 1)).toEqual({ hits: 0, alarms: 0, misses: 3, rest: 2 });
});

it("C-055: a precision of 0.8 and a recall of 0.5 give an F1 of 0.6154", () => {
  const { precision, recall, f1 } = ratesOf({ hits: 4, alarms: 1, misses: 4, rest: 0 });
  expect([precision, recall]).toEqual([0.8, 0.5]);
  expect(f1).toBeCloseTo(0.6154, 4);
  expect(ratesOf({ hits: 0, alarms: 0, misses: 2, rest: 2 }).precision).toBeNaN();
});

it("has an area of the share of pairs in the right order, ties counting half", () => {
  const area = (shares: number[], truth: number[]) => {
    let [right, pairs] = [0, 0];
    for (let i = 0; i < shares.length; i++) {
      for (let j = 0; j < shares.length; j++) {
        if (truth[i] !== 1 || truth[j] !== 0) continue;
        pairs++;
        const [p, q] = [shares[i] as number, shares[j] as number];
        right += p > q ? 1 : p === q ? 0.5 : 0;
      }
    }
    return right / pairs;
  };
  for (const [shares, truth] of [
    [
      [0.9, 0.8, 0.5, 0.4, 0.1],
      [1, 0, 1, 1, 0],
    ],
    [
      [0.9, 0.5, 0.5, 0.5, 0.1],
      [1, 0, 1, 0, 1],
    ],
    [
      [0.7, 0.6],
      [1, 0],
    ],
    [
      [0.7, 0.6],
      [0, 1],
    ],
  ] as const) {
    expect(courseOf(shares, truth).area).toBeCloseTo(area([...shares], [...truth]), 12);
  }
});
