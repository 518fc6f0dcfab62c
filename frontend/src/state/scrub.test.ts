import { expect, test } from "vitest";
import type { Checkpoint } from "../wire/types";
import { NOW } from "./runWatch";
import { beside, bestOf, nearest } from "./scrub";

const state = (step: number, loss: number | null = null): Checkpoint => ({ step, epoch: step, seconds: step, loss });
const kept = [state(0), state(4, 0.9), state(10, 0.3), state(12, 0.5)];

test("arrows lead from state to state, and past the last one to the newest", () => {
  const way = [NOW];
  for (let i = 0; i < 5; i++) way.push(beside(kept, way.at(-1) as number, -1));
  expect(way).toEqual([NOW, 12, 10, 4, 0, 0]);
  const back = [4];
  for (let i = 0; i < 4; i++) back.push(beside(kept, back.at(-1) as number, 1));
  expect(back).toEqual([4, 10, 12, NOW, NOW]);
  expect(beside(kept, 7, 1)).toBe(10);
  expect(beside(kept, 7, -1)).toBe(4);
  expect(beside([], NOW, -1)).toBe(NOW);
});

test("the nearest state to a place, and the best", () => {
  expect([nearest(kept, 1), nearest(kept, 8), nearest(kept, 99)].map((each) => each?.step)).toEqual([0, 10, 12]);
  expect(nearest([], 3)).toBeUndefined();
  expect(bestOf(kept)?.step).toBe(10);
  expect(bestOf([state(3)])).toBeUndefined();
});
