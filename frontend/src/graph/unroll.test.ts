import { describe, expect, test } from "vitest";
import type { Document } from "./document";
import { CELL, type Plan, type Recurrent, recurrentOf, shownSteps, unroll } from "./unroll";

const lstm: Recurrent = {
  steps: 10,
  varies: true,
  layers: 1,
  both: false,
  every: true,
  states: [
    { name: "h", wired: false },
    { name: "c", wired: false },
  ],
};

const facts = {
  inputs: { x: ["float[T ≤10, D 4]"] },
  outputs: { y: "float[T ≤10, D 6]", h: "float[D 3]", c: "float[D 3]" },
};

const inside = ({ cells }: Plan, x: number, y: number) =>
  cells.some((cell) => x > cell.x + 1 && x < cell.x + CELL.width - 1 && y > cell.y + 1 && y < cell.y + CELL.height - 1);

describe("what is known of a recurrent layer", () => {
  const document: Document = {
    nodes: { read: { type: "lstm", fields: { layers: 2 } } },
    edges: { a: { from: "embed", to: "read" }, b: { from: "other", out: "h", to: "read", in: "h0" } },
  };

  test("is read off its fields, its wires and its facts", () => {
    const fields = { layers: 2, bidirectional: true, give: "last" };
    expect(recurrentOf(document, "", "read", fields, facts)).toEqual({
      steps: 10,
      varies: true,
      layers: 2,
      both: true,
      every: false,
      states: [
        { name: "h", wired: true },
        { name: "c", wired: false },
      ],
    });
  });

  test("is nothing before a sequence arrives", () => {
    expect(recurrentOf(document, "", "read", {}, { inputs: {}, outputs: {} })).toBeNull();
    expect(recurrentOf(document, "", "gone", {}, facts)).toBeNull();
    expect(recurrentOf(document, "", "read", {}, undefined)).toBeNull();
  });

  test("of a block over time is what its ports say", () => {
    const block: Document = {
      nodes: { loop: { type: "block", block: "cell", mode: "over_time" } },
      edges: { s: { from: "first", to: "loop", in: "h" } },
      blocks: {
        cell: {
          nodes: {
            x: { type: "block_input", fields: { order: 0 } },
            h: { type: "block_input", name: "memory", fields: { order: 1, state: "y", units: 3 } },
            y: { type: "block_output" },
          },
        },
      },
    };
    const known = { inputs: { x: ["index<5>[T 7]"] }, outputs: { y: "float[T 7, D 3]" } };
    expect(recurrentOf(block, "", "loop", {}, known)).toMatchObject({
      steps: 7,
      every: true,
      states: [{ name: "memory", wired: true }],
    });
    const once = { ...block, nodes: { loop: { type: "block", block: "cell" } } } as Document;
    expect(recurrentOf(once, "", "loop", {}, known)).toBeNull();
  });
});

test("of many steps the first and the last are drawn, the others left out", () => {
  expect(shownSteps(4, 5)).toEqual([1, 2, 3, 4]);
  expect(shownSteps(12, 5)).toEqual([1, 2, 3, null, 12]);
  expect(shownSteps(1, 3)).toEqual([1]);
});

describe("drawn step by step", () => {
  const whole = { ...lstm, steps: 4 };

  test("every state goes from each step to the next, from what it begins with to the end", () => {
    const { carried, cells, inputs, outputs } = unroll(whole, 6);
    for (const state of [0, 1]) {
      expect(carried.filter((each) => each.state === state).map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
    }
    expect(cells.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(inputs.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(outputs.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  });

  test("where steps are left out, the state goes into the gap and comes out of it as another one", () => {
    const { carried, gaps } = unroll(lstm, 5);
    expect(gaps).toHaveLength(1);
    expect(carried.filter(({ state }) => state === 0).map(({ step }) => step)).toEqual([0, 1, 2, 3, 9, 10]);
  });

  test("read backwards it begins behind the last step", () => {
    const { carried, lanes } = unroll({ ...whole, both: true }, 6);
    const back = lanes.findIndex(({ backwards }) => backwards);
    const steps = carried.filter(({ lane, state }) => lane === back && state === 0);
    expect(steps.map(({ step }) => step)).toEqual([5, 4, 3, 2, 1]);
    for (const { way } of steps) expect(way[1]?.x).toBeLessThan(way[0]?.x as number);
    const cut = unroll({ ...lstm, both: true }, 5).carried.filter(({ lane, state }) => lane === back && state === 0);
    expect(cut.map(({ step }) => step)).toEqual([11, 10, 4, 3, 2, 1]);
  });

  test("the last step alone gives, in both directions each where it ends", () => {
    expect(unroll({ ...whole, every: false }, 6).outputs.map(({ step }) => step)).toEqual([4]);
    const both = unroll({ ...whole, every: false, both: true }, 6).outputs;
    expect(both.map(({ step, half }) => [step, half])).toEqual([
      [1, "backwards"],
      [4, "forwards"],
    ]);
  });

  test.each([
    ["one layer", lstm],
    ["both ways", { ...lstm, both: true }],
    ["stacked, both ways", { ...lstm, both: true, layers: 3 }],
    ["the last step", { ...lstm, both: true, layers: 2, every: false }],
  ])("no wire runs through a cell, and nothing stands outside: %s", (_, known) => {
    const plan = unroll(known, 5);
    const ways = [...plan.flows.map(({ way }) => way), ...plan.carried.map(({ way }) => way)];
    for (const way of ways) {
      for (let at = 1; at < way.length; at += 1) {
        const [a, b] = [way[at - 1], way[at]] as [{ x: number; y: number }, { x: number; y: number }];
        expect(a.x === b.x || a.y === b.y).toBe(true);
        for (let part = 0; part <= 20; part += 1) {
          const [x, y] = [a.x + ((b.x - a.x) * part) / 20, a.y + ((b.y - a.y) * part) / 20];
          expect(inside(plan, x, y)).toBe(false);
          expect(x >= 0 && x <= plan.width && y >= 0 && y <= plan.height).toBe(true);
        }
      }
    }
  });
});
