/** Where parameters, multiply-adds, other operations and memory sit: the board's nodes as a tree of blocks, with sums. */
import type { NodeFacts } from "../wire/types";

export const MEASURES = ["parameters", "macs", "operations", "memory"] as const;
export type Measure = (typeof MEASURES)[number];
export type Costs = Readonly<Record<Measure, number>>;

export interface Row {
  path: string;
  costs: Costs;
  /** Absent for one copy of a repeated block, which is no node of its own. */
  facts: NodeFacts | undefined;
  rows: Row[];
}

const PASSING: ReadonlySet<string> = new Set(["block_input", "block_output"]);

/** Bytes to train it: weights, gradients, the optimizer's numbers and a batch's outputs. */
export const trainingBytes = ({ memory }: Pick<NodeFacts, "memory">): number =>
  memory.parameters + memory.gradients + memory.optimizer + memory.activations;

const costsOf = (facts: NodeFacts): Costs => ({
  parameters: facts.parameters,
  macs: facts.macs,
  operations: facts.operations,
  memory: trainingBytes(facts),
});

const NOTHING: Costs = { parameters: 0, macs: 0, operations: 0, memory: 0 };

/** Two costs made one, measure by measure. */
const joined = (a: Costs, b: Costs, join: (a: number, b: number) => number): Costs => ({
  parameters: join(a.parameters, b.parameters),
  macs: join(a.macs, b.macs),
  operations: join(a.operations, b.operations),
  memory: join(a.memory, b.memory),
});

const add = (a: Costs, b: Costs): Costs => joined(a, b, (one, other) => one + other);

/** Rows in the order in which data flow; copies of a repeated block stand in it one by one. */
export function treeOf(nodes: Readonly<Record<string, NodeFacts>>): Row[] {
  const top: Row[] = [];
  const groups = new Map<string, Row>();
  const inside = (path: string): Row[] => {
    if (path === "") return top;
    const known = groups.get(path);
    if (known) return known.rows;
    const facts = nodes[path];
    const row: Row = {
      path,
      facts,
      costs: facts ? costsOf(facts) : NOTHING,
      rows: [],
    };
    groups.set(path, row);
    inside(parentOf(path)).push(row);
    return row.rows;
  };
  for (const [path, facts] of Object.entries(nodes)) {
    if (PASSING.has(facts.type)) continue;
    if (facts.type === "block") {
      inside(path);
      continue;
    }
    inside(parentOf(path)).push({ path, facts, costs: costsOf(facts), rows: [] });
  }
  for (const row of groups.values())
    if (!row.facts) row.costs = row.rows.map(({ costs }) => costs).reduce(add, row.costs);
  return top;
}

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** Every path that this one lies in, outermost first. */
export function ancestorsOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(0, -1).map((_, at) => parts.slice(0, at + 1).join("/"));
}

export interface Shown {
  row: Row;
  depth: number;
}

/** What is shown of the tree: open groups with what is in them, the dearest first where one sorts. */
export function shownOf(rows: readonly Row[], open: ReadonlySet<string>, by: Measure | null, depth = 0): Shown[] {
  const sorted = by ? [...rows].sort((a, b) => b.costs[by] - a.costs[by]) : rows;
  return sorted.flatMap((row) => [
    { row, depth },
    ...(open.has(row.path) ? shownOf(row.rows, open, by, depth + 1) : []),
  ]);
}

/** Of a bar that has nothing beside it. */
const LEAST: Costs = { parameters: 1, macs: 1, operations: 1, memory: 1 };

/** The longest bar of every depth: what lies side by side is compared, not a layer with the stage that it is in. */
export function mostOf(shown: readonly Shown[]): Costs[] {
  const most: Costs[] = [];
  for (const { row, depth } of shown) {
    most[depth] = joined(most[depth] ?? LEAST, row.costs, Math.max);
  }
  return most;
}

/** All groups of a tree. */
export const groupsOf = (rows: readonly Row[]): string[] =>
  rows.flatMap((row) => (row.rows.length > 0 ? [row.path, ...groupsOf(row.rows)] : []));

export const countOf = (rows: readonly Row[]): number =>
  rows.reduce((count, row) => count + (row.rows.length > 0 ? countOf(row.rows) : 1), 0);

/** `12.3 %`, `0.4 %`, `<0.1 %`; nothing of nothing. */
export function share(part: number, whole: number): string {
  if (part === 0 || whole === 0) return "";
  const percent = (100 * part) / whole;
  return percent < 0.1 ? "<0.1 %" : `${percent.toFixed(percent >= 99.95 ? 0 : 1)} %`;
}
