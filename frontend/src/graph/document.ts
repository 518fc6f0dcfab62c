/** The document as plain values: keyed maps, defaults left out (the backend's graph/document.py). */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface GraphNode {
  type: string;
  fields?: Record<string, Json>;
  name?: string;
  trainable?: boolean;
  weights?: string;
  block?: string;
  mode?: "once" | "repeat" | "over_time";
  times?: number;
  /** Left out for a comparison; absent: active. */
  ablation?: "" | "mute" | "bypass";
  /** How its first weights are drawn. */
  init?: { how?: string; scale?: number };
}

export interface GraphEdge {
  from: string;
  out?: string;
  to: string;
  in?: string;
  order?: string;
}

export interface Exposed {
  node: string;
  field: string;
  /** Further inner nodes whose field of the same name follows, or `node.field` for one of another name. */
  others?: string[];
  title?: string;
}

export type Target = { node: string; field: string };

/** Every inner node that an exposed field sets, with its own field. */
export const targetsOf = ({ node, field, others = [] }: Exposed): Target[] => [
  { node, field },
  ...others.map((other) => {
    const [name = "", own = field] = other.split(".");
    return { node: name, field: own };
  }),
];

/** An exposed field that sets these; null where none is left. */
export function exposing(exposed: Exposed, targets: readonly Target[]): Exposed | null {
  const [first, ...more] = targets;
  if (!first) return null;
  const others = more.map(({ node, field }) => (field === first.field ? node : `${node}.${field}`));
  return { ...exposed, node: first.node, field: first.field, others };
}

export interface Block {
  title?: string;
  nodes?: Record<string, GraphNode>;
  edges?: Record<string, GraphEdge>;
  exposed?: Record<string, Exposed>;
}

export interface Point {
  x: number;
  y: number;
}

export interface Form {
  type?: string;
  fields?: Record<string, Json>;
}

export interface Phase {
  order?: string;
  losses?: string[];
  updates?: string[];
  optimizer?: Form;
  schedule?: Form;
  clip?: number | null;
  every?: number;
}

export interface Recipe {
  batch?: number;
  epochs?: number;
  seed?: number;
  budget?: { parameters?: number; macs?: number; memory?: number; receptive_field?: number };
  split?: { validation?: number; test?: number; seed?: number };
  test?: "at_end" | "locked";
  phases?: Record<string, Phase>;
}

/** What a gallery board says of itself. */
export interface About {
  section?: string;
  origin?: string;
  summary?: string;
  tries?: string[];
  lesson?: { question: string; answer: string }[];
  declared?: Record<string, number>;
}

export interface Document {
  version?: number;
  title?: string;
  about?: About;
  nodes?: Record<string, GraphNode>;
  edges?: Record<string, GraphEdge>;
  blocks?: Record<string, Block>;
  recipe?: Recipe;
  drawing?: { positions?: Record<string, Point>; comments?: Record<string, { text?: string; x?: number; y?: number }> };
}

/** Where one is: the board itself (""), or inside a block, by its id. */
export type Scope = string;

export interface Graph {
  nodes: Record<string, GraphNode>;
  edges: Record<string, GraphEdge>;
}

const NO_NODES: Record<string, GraphNode> = {};
const NO_EDGES: Record<string, GraphEdge> = {};
const NO_POSITIONS: Record<string, Point> = {};

export const nodesOf = (document: Document, scope: Scope): Record<string, GraphNode> =>
  (scope ? document.blocks?.[scope]?.nodes : document.nodes) ?? NO_NODES;

export const edgesOf = (document: Document, scope: Scope): Record<string, GraphEdge> =>
  (scope ? document.blocks?.[scope]?.edges : document.edges) ?? NO_EDGES;

const wholePositions = new WeakMap<object, Record<string, Point>>();

/** Where things stand; a coordinate that is left out is 0. */
export function positionsOf(document: Document): Record<string, Point> {
  const raw: Record<string, Partial<Point>> | undefined = document.drawing?.positions;
  if (!raw) return NO_POSITIONS;
  const known = wholePositions.get(raw);
  if (known) return known;
  const whole = Object.fromEntries(Object.entries(raw).map(([key, { x = 0, y = 0 }]) => [key, { x, y }]));
  wholePositions.set(raw, whole);
  return whole;
}

/** Where a scope's nodes and edges are kept. */
export const rootOf = (scope: Scope): string[] => (scope ? ["blocks", scope] : []);

/** The key of a node's position: its id, inside a block `block/node`. */
export const positionKey = (scope: Scope, node: string): string => (scope ? `${scope}/${node}` : node);

export const outOf = (edge: GraphEdge): string => edge.out ?? "y";
export const intoOf = (edge: GraphEdge): string => edge.in ?? "x";

/** An edge whose ends are both there; a delete that crossed a new wire leaves one that is not. */
export const isWhole = (edge: GraphEdge, nodes: Record<string, GraphNode>): boolean =>
  edge.from in nodes && edge.to in nodes;

/** A level that one looks at: the instances that were opened, outermost first. */
export type Trail = readonly { node: string; index: number }[];

export interface Level {
  scope: Scope;
  /** What the paths of the nodes in it begin with: "" or `encoder/0/`. */
  prefix: string;
}

/** The scope and the path's beginning of a trail; it ends early where an instance is gone. */
export function levelOf(document: Document, trail: Trail): Level & { trail: Trail } {
  let scope: Scope = "";
  let prefix = "";
  const walked: { node: string; index: number }[] = [];
  for (const { node, index } of trail) {
    const instance = nodesOf(document, scope)[node];
    if (instance?.type !== "block" || !instance.block || !document.blocks?.[instance.block]) break;
    const at = Math.min(index, Math.max(0, (instance.times ?? 1) - 1));
    prefix += instance.mode === "repeat" ? `${node}/${at}/` : `${node}/`;
    scope = instance.block;
    walked.push({ node, index: at });
  }
  return { scope, prefix, trail: walked };
}

/** The trail that leads to a node's path, and the node's id there; null where there is no such node. */
export function trailTo(document: Document, path: string): { trail: Trail; node: string } | null {
  const parts = path.split("/");
  const trail: { node: string; index: number }[] = [];
  let scope: Scope = "";
  for (let at = 0; at < parts.length; at += 1) {
    const id = parts[at] ?? "";
    const node: GraphNode | undefined = nodesOf(document, scope)[id];
    if (!node) return null;
    if (at === parts.length - 1) return { trail, node: id };
    if (node.type !== "block" || !node.block) return null;
    let index = 0;
    if (node.mode === "repeat") {
      const next = Number(parts[at + 1]);
      if (!Number.isInteger(next)) return null;
      index = next;
      at += 1;
      if (at === parts.length - 1) return { trail, node: id };
    }
    trail.push({ node: id, index });
    scope = node.block;
  }
  return null;
}
