/** A recurrent layer, or a block that runs over time, drawn once for every step: where everything stands. */

import { type Document, edgesOf, type GraphNode, intoOf, type Json, nodesOf, type Point, type Scope } from "./document";
import { parseType } from "./shape";

/** What is known of it. */
export interface Recurrent {
  steps: number;
  /** The length may be smaller in a batch. */
  varies: boolean;
  /** Stacked, each reading the outputs of the one below. */
  layers: number;
  /** A second one of each reads from the end. */
  both: boolean;
  /** It gives the output of every step, or of the last alone. */
  every: boolean;
  /** `h`, `c`: what is carried from step to step, and whether a wire brings its first value. */
  states: { name: string; wired: boolean }[];
}

interface Known {
  inputs: Readonly<Record<string, readonly string[]>>;
  outputs: Readonly<Record<string, string>>;
}

/** The axis along which a type is cut in steps. */
const timeOf = (text: string | undefined) => parseType(text ?? "")?.axes.find(({ name }) => name === "T");

/**
 * Read off a node, its fields with their defaults, and its facts; null where it is not recurrent, or where its sequence
 * is not known yet.
 */
export function recurrentOf(
  document: Document,
  scope: Scope,
  id: string,
  fields: Readonly<Record<string, Json>>,
  facts: Known | undefined,
): Recurrent | null {
  const node = nodesOf(document, scope)[id];
  if (!node || !facts) return null;
  const wired = new Set(
    Object.values(edgesOf(document, scope))
      .filter((edge) => edge.to === id)
      .map(intoOf),
  );
  if (node.type === "block") return blockOver(document, node, facts, wired);
  const time = timeOf(facts.inputs.x?.[0]);
  if (!time) return null;
  return {
    steps: time.size,
    varies: time.varies,
    layers: typeof fields.layers === "number" ? fields.layers : 1,
    both: fields.bidirectional === true,
    every: fields.give !== "last",
    states: Object.keys(facts.outputs)
      .filter((port) => port !== "y")
      .map((name) => ({ name, wired: wired.has(`${name}0`) })),
  };
}

function blockOver(document: Document, node: GraphNode, facts: Known, wired: ReadonlySet<string>): Recurrent | null {
  const inside = Object.entries(nodesOf(document, node.block ?? ""));
  const place = ([, port]: [string, GraphNode]) => (typeof port.fields?.order === "number" ? port.fields.order : 0);
  const inputs = inside
    .filter(([, { type }]) => type === "block_input")
    .sort((a, b) => place(a) - place(b) || (a[0] < b[0] ? -1 : 1));
  const time = inputs.flatMap(([id]) => timeOf(facts.inputs[id]?.[0]) ?? [])[0];
  const states = inputs.filter(([, port]) => port.fields?.state);
  if (node.mode !== "over_time" || !time || states.length === 0) return null;
  return {
    steps: time.size,
    varies: time.varies,
    layers: 1,
    both: false,
    every: Object.values(facts.outputs).some((type) => timeOf(type)),
    states: states.map(([id, port]) => ({ name: port.name || id, wired: wired.has(id) })),
  };
}

/** The steps that are drawn, from 1; null stands for those that are left out. */
export function shownSteps(steps: number, most: number): (number | null)[] {
  if (steps <= most) return Array.from({ length: steps }, (_, at) => at + 1);
  return [...Array.from({ length: Math.max(1, most - 2) }, (_, at) => at + 1), null, steps];
}

/** A layer in one direction: the same weights at every step of it. */
export interface Lane {
  layer: number;
  backwards: boolean;
  top: number;
}

export interface Cell {
  lane: number;
  step: number;
  x: number;
  y: number;
}

export interface Carried {
  lane: number;
  state: number;
  /** The value after this step; 0: what it begins with. Read backwards, T + 1 is what it begins with. */
  step: number;
  way: Point[];
  /** Where its name stands. */
  at: Point;
}

export interface Plan {
  width: number;
  height: number;
  lanes: Lane[];
  cells: Cell[];
  carried: Carried[];
  /** From inputs up, and up to the outputs; where two meet there is no arrow. */
  flows: { way: Point[]; arrow: boolean }[];
  inputs: { step: number; x: number; y: number }[];
  /** Of the last step alone in both directions, each gives its half where it ends. */
  outputs: { step: number; x: number; y: number; half: "" | "forwards" | "backwards" }[];
  /** The columns in which steps are left out. */
  gaps: number[];
}

/** A cell, and the distances between; beside the columns there is room for names and for what is begun with. */
export const CELL = { width: 84, height: 58 };
const [COLUMN, GAP, LEFT, RIGHT, ROW, END] = [152, 92, 152, 96, 92, 46];
/** Of a state that is begun with, and of one that goes on. */
const [BEGINS, GOES_ON] = [64, 56];
/** Cells of the two directions stand a little apart, so that wires pass beside them. */
const APART = 18;
export const columnsFor = (width: number): number =>
  Math.max(3, Math.floor((width - LEFT - RIGHT + COLUMN - GAP) / COLUMN));

/** Where everything stands, in as many columns as there is room for. */
export function unroll({ steps, layers, both, every, states }: Recurrent, columns: number): Plan {
  const shown = shownSteps(steps, columns);
  const ways = both ? 2 : 1;
  const lanes: Lane[] = [];
  const bottom = END + layers * ways * ROW;
  for (let layer = 1; layer <= layers; layer += 1) {
    for (let way = 0; way < ways; way += 1) {
      lanes.push({ layer, backwards: way === 1, top: bottom - (lanes.length + 1) * ROW });
    }
  }
  let across = LEFT;
  const gaps: number[] = [];
  const places: { step: number; x: number; joined: boolean }[] = [];
  let joined = true;
  for (const step of shown) {
    if (step === null) {
      gaps.push(across + GAP / 2);
      across += GAP;
      joined = false;
    } else {
      places.push({ step, x: across + COLUMN / 2, joined });
      across += COLUMN;
      joined = true;
    }
  }
  const width = across + RIGHT;
  const plan: Plan = {
    width,
    height: bottom + END,
    lanes,
    cells: [],
    carried: [],
    flows: [],
    inputs: [],
    outputs: [],
    gaps,
  };
  const shift = ({ backwards }: Lane) => (both ? (backwards ? APART : -APART) : 0);
  const middle = (lane: Lane) => lane.top + ROW / 2;
  for (const { step, x } of places) plan.inputs.push({ step, x, y: plan.height - END / 2 });
  const give = (place: { step: number; x: number } | undefined, half: "" | "forwards" | "backwards") =>
    place && plan.outputs.push({ step: place.step, x: place.x, y: END / 2, half });
  if (every) for (const place of places) give(place, "");
  else if (both) [give(places[0], "backwards"), give(places.at(-1), "forwards")];
  else give(places.at(-1), "");

  lanes.forEach((lane, number) => {
    const y = middle(lane);
    for (const { step, x } of places) {
      plan.cells.push({ lane: number, step, x: x + shift(lane) - CELL.width / 2, y: y - CELL.height / 2 });
    }
    states.forEach((_, state) => {
      const down = y + (state - (states.length - 1) / 2) * 22;
      const carry = (step: number, from: number, to: number, label: number) =>
        plan.carried.push({
          lane: number,
          state,
          step,
          way: [
            { x: from, y: down },
            { x: to, y: down },
          ],
          at: { x: label, y: down - 6 },
        });
      const half = CELL.width / 2;
      const centre = (x: number) => x + shift(lane);
      const order = lane.backwards ? [...places].reverse() : places;
      const ahead = lane.backwards ? -1 : 1;
      const aside = both ? ahead * 12 : 0;
      order.forEach(({ step, x }, at) => {
        const before = order[at - 1];
        const to = centre(x) - ahead * half;
        // Where steps are left out the state comes from the last of them, which is not drawn.
        const broken = before && !(lane.backwards ? before.joined : (order[at] as { joined: boolean }).joined);
        const from = !before ? to - ahead * BEGINS : broken ? to - ahead * GOES_ON : centre(before.x) + ahead * half;
        const value = lane.backwards ? step + 1 : step - 1;
        // Wires of the other direction pass here: names stand beside them.
        carry(value, from, to, (from + to) / 2 + (before ? aside : -ahead * 5));
        const next = order[at + 1];
        const cut = next && !(lane.backwards ? order[at]?.joined : next.joined);
        if (!next || cut) {
          const end = centre(x) + ahead * half;
          carry(step, end, end + ahead * GOES_ON, end + (ahead * GOES_ON) / 2 + aside);
        }
      });
    });
  });
  plan.flows = flowsOf(plan, places, both, every);
  return plan;
}

/** Wires upwards: from each input to the first layer, from layer to layer, and to the outputs. */
function flowsOf(
  plan: Plan,
  places: readonly { step: number; x: number }[],
  both: boolean,
  every: boolean,
): Plan["flows"] {
  const flows: Plan["flows"] = [];
  const half = CELL.height / 2;
  const edge = CELL.width / 2 - 6;
  const [first, last] = [places[0]?.step, places.at(-1)?.step];
  for (const { step, x } of places) {
    let from: Point[] = [{ x, y: plan.height - END + 8 }];
    for (let at = 0; at < plan.lanes.length; at += both ? 2 : 1) {
      const lanes = plan.lanes.slice(at, at + (both ? 2 : 1));
      const tops: Point[] = [];
      lanes.forEach((lane, side) => {
        const y = lane.top + ROW / 2;
        // Beside the other direction's cell, that stands between.
        const into = both ? (side === 0 ? x - APART - 8 : x + APART + edge - 4) : x;
        for (const start of from) {
          const bend = start.y - 10 - 6 * side;
          const way = [start, { x: start.x, y: bend }, { x: into, y: bend }, { x: into, y: y + half }];
          flows.push({ way, arrow: true });
        }
        tops.push({ x: both ? (side === 0 ? x - APART - edge + 4 : x + APART + 8) : x, y: y - half });
      });
      const upper = Math.min(...lanes.map(({ top }) => top)) + 3;
      from = [{ x, y: upper }];
      // What goes on: everything to the next layer; of the uppermost, what it gives.
      const inner = at + lanes.length < plan.lanes.length;
      const given = tops.filter((_, way) => inner || every || step === (way === 0 ? last : first));
      for (const top of given) flows.push({ way: [top, { x: top.x, y: upper }, { x, y: upper }], arrow: false });
      if (!inner && given.length > 0) flows.push({ way: [...from, { x, y: END - 8 }], arrow: true });
    }
  }
  return flows;
}
