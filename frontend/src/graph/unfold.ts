/**
 * The whole network at once: every block open in its place. A block is laid out once, whatever the number of its copies;
 * then the board's own level is, with the blocks as boxes, wrapped to the shape of the screen. Wires end at a block's
 * border and go on inside of it, so none crosses a border anywhere else.
 */
import type { ElkExtendedEdge, ElkNode, ElkPort } from "elkjs/lib/elk-api";
import { type Document, edgesOf, type GraphNode, intoOf, isWhole, nodesOf, outOf, type Point } from "./document";
import { fold } from "./fold";
import { type Layouts, settle } from "./layout";

export const LEAF = { width: 148, height: 22 } as const;
const TITLE = 22;
const PAD = 10;
/** Levels of blocks within blocks that are drawn; deeper ones stay folded. */
const MOST_DEEP = 8;
/** Above this many layers a repeated block is drawn once, with how often. */
export const MOST_DRAWN = 700;

export interface Leaf {
  path: string;
  x: number;
  y: number;
}

export interface Frame {
  /** Of the instance's copy, without a slash at the end. */
  path: string;
  /** Its block. */
  block: string;
  /** How many copies it stands for. */
  times: number;
  x: number;
  y: number;
  width: number;
  height: number;
  deep: number;
}

export interface Unfolded {
  width: number;
  height: number;
  leaves: Leaf[];
  frames: Frame[];
  wires: Point[][];
}

interface Child {
  id: string;
  node: GraphNode;
  /** Of a frame. */
  block: string;
  /** What follows the level's prefix in its path. */
  path: string;
  times: number;
}

interface Laid {
  width: number;
  height: number;
  children: { child: Child; x: number; y: number; width: number; height: number }[];
  wires: Point[][];
  /** Where wires enter and leave, from the left. */
  ports: Map<string, number>;
}

/** How many layers a block is when every copy is drawn. Blocks that hold themselves count once. */
export function layers(document: Document, scope = "", above: readonly string[] = []): number {
  let count = 0;
  for (const node of Object.values(nodesOf(document, scope))) {
    if (node.type !== "block" || !node.block || above.includes(node.block)) count += 1;
    else count += copiesOf(node) * layers(document, node.block, [...above, node.block]);
  }
  return count;
}

/** Whether there is anything to unfold. */
export const hasBlocks = (document: Document): boolean =>
  Object.values(nodesOf(document, "")).some(({ type, block }) => type === "block" && block);

const copiesOf = (node: GraphNode): number => (node.mode === "repeat" ? (node.times ?? 1) : 1);

const isPort = (node: GraphNode): boolean => node.type === "block_input" || node.type === "block_output";

type Level = Pick<Document, "nodes" | "edges">;

/** Whether two documents are laid out alike: how things hang together counts, not what stands in their fields. */
export function alike(a: Document, b: Document): boolean {
  return a === b || (alikeLevel(a, b) && alikeIn(a.blocks, b.blocks, alikeLevel));
}

const alikeLevel = (a: Level, b: Level): boolean =>
  alikeIn(a.nodes, b.nodes, alikeNode) && alikeIn(a.edges, b.edges, (one, other) => alikeIn({ ...one }, { ...other }));

const alikeNode = ({ fields, name, ...a }: GraphNode, { fields: others, name: _, ...b }: GraphNode): boolean =>
  fields?.order === others?.order && alikeIn(a, b);

/** Whether two maps have equal entries; what did not change is the same object. */
function alikeIn<T>(
  a: Record<string, T> | undefined = {},
  b: Record<string, T> | undefined = {},
  same: (a: T, b: T) => boolean = Object.is,
): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && (a[key] === b[key] || same(a[key] as T, b[key] as T)))
  );
}

/** Lays a board out; rejected with Cancelled where another layout came between. */
export async function unfold(document: Document, screen: { width: number; height: number }): Promise<Unfolded> {
  const every = layers(document) <= MOST_DRAWN;
  return settle(async (layouts) => {
    const laid = new Map<string, Laid>();
    const level = async (scope: string, above: readonly string[]): Promise<Laid> => {
      const known = laid.get(scope);
      if (known) return known;
      const children = childrenOf(document, scope, every, above);
      for (const { block } of children) if (block) await level(block, [...above, block]);
      const made = await place(document, scope, children, laid, layouts, screen);
      laid.set(scope, made);
      return made;
    };
    return flatten(await level("", []), laid);
  });
}

function childrenOf(document: Document, scope: string, every: boolean, above: readonly string[]): Child[] {
  return Object.entries(nodesOf(document, scope)).flatMap(([id, node]): Child[] => {
    if (isPort(node)) return [];
    const block = node.block ?? "";
    const open =
      node.type === "block" && document.blocks?.[block] && !above.includes(block) && above.length < MOST_DEEP;
    if (!open) return [{ id, node, block: "", path: id, times: 1 }];
    const copies = copiesOf(node);
    if (node.mode !== "repeat") return [{ id, node, block, path: id, times: 1 }];
    const drawn = every ? copies : 1;
    return Array.from({ length: drawn }, (_, at) => ({
      id: `${id}/${at}`,
      node,
      block,
      path: `${id}/${at}`,
      times: every ? 1 : copies,
    }));
  });
}

const portId = (child: string, side: "in" | "out", port: string) => `${child}|${side}|${port}`;

async function place(
  document: Document,
  scope: string,
  children: readonly Child[],
  laid: ReadonlyMap<string, Laid>,
  layouts: Layouts,
  screen: { width: number; height: number },
): Promise<Laid> {
  const nodes = nodesOf(document, scope);
  const inputs = Object.keys(nodes).filter((id) => nodes[id]?.type === "block_input");
  const outputs = Object.keys(nodes).filter((id) => nodes[id]?.type === "block_output");
  const boxes: ElkNode[] = children.map((child) => {
    const inside = laid.get(child.block);
    if (!child.block || !inside) return { id: child.id, ...LEAF };
    const ports: ElkPort[] = [...inside.ports].map(([name, x]) => ({
      id: `${child.id}|${name}`,
      width: 0,
      height: 0,
      x,
      y: name.startsWith("in|") ? 0 : inside.height,
    }));
    return {
      id: child.id,
      width: inside.width,
      height: inside.height,
      ports,
      layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    };
  });
  const border = (id: string, first: boolean): ElkNode => ({
    id,
    width: 2,
    height: 2,
    layoutOptions: { "elk.layered.layering.layerConstraint": first ? "FIRST" : "LAST" },
  });
  const graph: ElkNode = {
    id: scope || "board",
    children: [...inputs.map((id) => border(id, true)), ...boxes, ...outputs.map((id) => border(id, false))],
    edges: edgesBetween(document, scope, children),
  };
  const done = await layouts.run({ ...graph, layoutOptions: OPTIONS });
  const made = measured(done, scope, children, [...inputs], [...outputs]);
  if (scope) return made;
  const folded = fold(made.children, made.wires, screen);
  return { ...made, ...folded, children: folded.boxes };
}

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.considerModelOrder.strategy": "PREFER_EDGES",
  "elk.layered.spacing.nodeNodeBetweenLayers": "14",
  "elk.layered.spacing.edgeNodeBetweenLayers": "7",
  "elk.spacing.nodeNode": "16",
  "elk.spacing.edgeNode": "10",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
};

/** Every wire of a level, from box to box; the copies of a repeated block are a chain. */
function edgesBetween(document: Document, scope: string, children: readonly Child[]): ElkExtendedEdge[] {
  const nodes = nodesOf(document, scope);
  const copies = new Map<string, Child[]>();
  for (const child of children) {
    const id = child.id.split("/")[0] ?? child.id;
    copies.set(id, [...(copies.get(id) ?? []), child]);
  }
  const edges: ElkExtendedEdge[] = [];
  const add = (source: string, target: string) =>
    edges.push({ id: `e${edges.length}`, sources: [source], targets: [target] });
  for (const edge of Object.values(edgesOf(document, scope))) {
    if (!isWhole(edge, nodes)) continue;
    const from = copies.get(edge.from)?.at(-1);
    const to = copies.get(edge.to) ?? [];
    if (!from && nodes[edge.from]?.type !== "block_input") continue;
    const source = from?.block ? portId(from.id, "out", outOf(edge)) : (from?.id ?? edge.from);
    const ends = to.length === 0 ? [edge.to] : [];
    const chained = to.length > 1 ? firstPort(document, to[0]?.block ?? "", "block_input") : null;
    for (const child of chained === intoOf(edge) ? to.slice(0, 1) : to) {
      ends.push(child.block ? portId(child.id, "in", intoOf(edge)) : child.id);
    }
    for (const end of ends) add(source, end);
  }
  for (const chain of copies.values()) {
    for (let at = 1; at < chain.length; at += 1) {
      const [before, after] = [chain[at - 1], chain[at]];
      if (!before?.block || !after) continue;
      const out = firstPort(document, before.block, "block_output");
      const into = firstPort(document, after.block, "block_input");
      if (out && into) add(portId(before.id, "out", out), portId(after.id, "in", into));
    }
  }
  return edges.filter(
    ({ sources, targets }) => known(document, children, sources[0]) && known(document, children, targets[0]),
  );
}

/** A wire may name a port that its block has no longer. */
function known(document: Document, children: readonly Child[], end: string | undefined): boolean {
  const [id, side, port] = (end ?? "").split("|");
  if (!side) return true;
  const block = children.find((child) => child.id === id)?.block ?? "";
  const node = nodesOf(document, block)[port ?? ""];
  return node?.type === (side === "in" ? "block_input" : "block_output");
}

function firstPort(document: Document, block: string, type: string): string | null {
  const place = (node: GraphNode) => (typeof node.fields?.order === "number" ? node.fields.order : 0);
  const ports = Object.entries(nodesOf(document, block)).filter(([, node]) => node.type === type);
  ports.sort(([a, first], [b, second]) => place(first) - place(second) || (a < b ? -1 : 1));
  return ports[0]?.[0] ?? null;
}

/** What ELK found, moved so that a frame's title and border have room. */
function measured(
  done: ElkNode,
  scope: string,
  children: readonly Child[],
  inputs: readonly string[],
  outputs: readonly string[],
): Laid {
  const [dx, dy] = scope ? [PAD, TITLE] : [0, 0];
  const width = Math.max((done.width ?? 0) + 2 * dx, scope ? LEAF.width : 0);
  const height = (done.height ?? 0) + dy + (scope ? PAD : 0);
  const at = new Map((done.children ?? []).map((node) => [node.id, node]));
  // A single port stands in the middle, so that blocks below each other are joined by a straight wire.
  const portAt = (id: string, all: readonly string[]) => (all.length === 1 ? width / 2 : (at.get(id)?.x ?? 0) + 1 + dx);
  const ports = new Map<string, number>();
  for (const id of inputs) ports.set(`in|${id}`, portAt(id, inputs));
  for (const id of outputs) ports.set(`out|${id}`, portAt(id, outputs));
  const wires = (done.edges ?? []).flatMap((edge) => {
    const [section] = edge.sections ?? [];
    if (!section) return [];
    const way = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(({ x, y }) => ({
      x: x + dx,
      y: y + dy,
    }));
    const [first, last] = [way[0] as Point, way.at(-1) as Point];
    // From the frame's border to its first layer, and from the last one out again.
    const into = ports.get(`in|${edge.sources[0]}`);
    const out = ports.get(`out|${edge.targets[0]}`);
    if (into !== undefined) way.unshift({ x: into, y: 0 }, { x: into, y: TITLE - 4 }, { x: first.x, y: TITLE - 4 });
    if (out !== undefined)
      way.push({ x: last.x, y: height - PAD / 2 }, { x: out, y: height - PAD / 2 }, { x: out, y: height });
    return [way];
  });
  return {
    width,
    height,
    ports,
    wires,
    children: children.flatMap((child) => {
      const found = at.get(child.id);
      if (!found) return [];
      const { x = 0, y = 0, width: w = 0, height: h = 0 } = found;
      return [{ child, x: x + dx, y: y + dy, width: w, height: h }];
    }),
  };
}

/** Everything where it stands on the board. */
function flatten(top: Laid, laid: ReadonlyMap<string, Laid>): Unfolded {
  const whole: Unfolded = { width: top.width, height: top.height, leaves: [], frames: [], wires: [] };
  const add = (level: Laid, x: number, y: number, prefix: string, deep: number): void => {
    for (const wire of level.wires) whole.wires.push(wire.map((point) => ({ x: x + point.x, y: y + point.y })));
    for (const { child, ...box } of level.children) {
      const path = prefix + child.path;
      const inside = child.block ? laid.get(child.block) : undefined;
      if (!inside) {
        whole.leaves.push({ path, x: x + box.x, y: y + box.y });
        continue;
      }
      whole.frames.push({ ...box, path, block: child.block, times: child.times, x: x + box.x, y: y + box.y, deep });
      add(inside, x + box.x, y + box.y, `${path}/`, deep + 1);
    }
  };
  add(top, 0, 0, "", 0);
  return whole;
}
