import { describe, expect, it } from "vitest";
import type { ClassMember, WallCard } from "../wire/types";
import { compare, type Filter, groups, type Order, passes, placed } from "./order";

const card = (board: string, more: Partial<WallCard> = {}): WallCard => ({
  board,
  handout: "h",
  group: "",
  people: [board],
  added: 0,
  changed: 0,
  removed: 0,
  strokes: [],
  wires: [],
  problems: 0,
  parameters: 0,
  edited: 0,
  run: null,
  epoch: 0,
  epochs: 0,
  losses: [],
  metric: "",
  value: null,
  ...more,
});
const member = (id: string, name: string, hand = 0): ClassMember => ({
  id,
  name,
  color: "#000",
  role: "pupil",
  standing: "in",
  joined: 0,
  here: true,
  hand,
});

const members = new Map([
  ["a", member("a", "Zoë", 20)],
  ["b", member("b", "Äpfel")],
  ["c", member("c", "Ben 10", 10)],
  ["d", member("d", "Ben 2")],
]);
const cards = [
  card("a", { edited: 5, metric: "validation.loss", value: 0.2 }),
  card("b", { edited: 9, problems: 2, metric: "validation.loss", value: 0.1 }),
  card("c", { run: "running" }),
  card("d", { problems: 1, people: ["d", "gone"], run: "finished" }),
].map((each) => placed(each, members));
const sorted = (order: Order) => [...cards].sort(compare(order, "de")).map(({ card }) => card.board);
const shown = (filter: Filter) => cards.filter((each) => passes(each, filter)).map(({ card }) => card.board);

describe("the wall", () => {
  it.each([
    ["name", ["b", "d", "c", "a"]],
    ["hand", ["c", "a", "b", "d"]],
    ["edited", ["b", "a", "d", "c"]],
    ["problems", ["b", "d", "c", "a"]],
    ["value", ["b", "a", "d", "c"]],
  ] as const)("by %s", (order, expected) => expect(sorted(order)).toEqual(expected));

  it.each([
    ["all", ["a", "b", "c", "d"]],
    ["hands", ["a", "c"]],
    ["problems", ["b", "d"]],
    ["training", ["c"]],
    ["untouched", ["c", "d"]],
  ] as const)("only %s", (filter, expected) => expect(shown(filter)).toEqual(expected));
});

describe("groups", () => {
  it.each([
    [10, 4, [4, 3, 3]],
    [8, 4, [4, 4]],
    [3, 5, [3]],
    [0, 4, [0]],
    [5, 0, [1, 1, 1, 1, 1]],
  ])("%i people in groups of %i", (count, size, sizes) => {
    const made = groups([...Array(count).keys()], size);
    expect(made.map((group) => group.length)).toEqual(sizes);
    expect(made.flat().sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
  });
});
