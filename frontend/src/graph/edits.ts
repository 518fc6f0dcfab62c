/** What a person does to a graph, as edits of the document. Nothing here changes anything. */
import type { Edit } from "../wire/types";
import { remove, set } from "./apply";
import {
  type Document,
  edgesOf,
  exposing,
  type GraphEdge,
  type GraphNode,
  intoOf,
  isWhole,
  type Json,
  nodesOf,
  outOf,
  type Point,
  positionKey,
  positionsOf,
  rootOf,
  type Scope,
  targetsOf,
} from "./document";
import { edgeId, freeId } from "./ids";

/** Drawing snaps to this grid. */
export const GRID = 8;

export const snapped = ({ x, y }: Point): Point => ({
  x: Math.round(x / GRID) * GRID,
  y: Math.round(y / GRID) * GRID,
});

export interface Added {
  id: string;
  edits: Edit[];
}

/** A new node at a point; its id is made from its type (or from `stem`). */
export function addNode(
  document: Document,
  scope: Scope,
  node: GraphNode,
  at: Point,
  { mark = "", stem = node.type }: { mark?: string; stem?: string } = {},
): Added {
  const nodes = nodesOf(document, scope);
  const id = freeId(stem, (name) => name in nodes, mark);
  return {
    id,
    edits: [
      set([...rootOf(scope), "nodes", id], { fields: {}, ...node }),
      set(["drawing", "positions", positionKey(scope, id)], snapped(at)),
    ],
  };
}

/** A key that sorts behind every wire that already ends at the port. */
function orderBehind(edges: Record<string, GraphEdge>, to: string, into: string): string {
  let last = "";
  for (const edge of Object.values(edges)) {
    if (edge.to === to && intoOf(edge) === into && (edge.order ?? "") > last) last = edge.order ?? "";
  }
  const next = last ? Number.parseInt(last, 36) + 1 : 1;
  return Number.isFinite(next) ? next.toString(36).padStart(4, "0") : `${last}1`;
}

export interface Wire {
  from: string;
  out: string;
  to: string;
  into: string;
}

export const sameWire = (edge: GraphEdge, wire: Wire): boolean =>
  edge.from === wire.from && outOf(edge) === wire.out && edge.to === wire.to && intoOf(edge) === wire.into;

/** A wire; a port that takes one gives up the one that it had. Empty where it is there already. */
export function connect(document: Document, scope: Scope, wire: Wire, many: boolean): Edit[] {
  const edges = edgesOf(document, scope);
  if (Object.values(edges).some((edge) => sameWire(edge, wire))) return [];
  const root = [...rootOf(scope), "edges"];
  const displaced = many
    ? []
    : Object.entries(edges)
        .filter(([, edge]) => edge.to === wire.to && intoOf(edge) === wire.into)
        .map(([id]) => remove([...root, id]));
  const edge: GraphEdge = { from: wire.from, out: wire.out, to: wire.to, in: wire.into };
  if (many) edge.order = orderBehind(edges, wire.to, wire.into);
  return [...displaced, set([...root, edgeId()], edge)];
}

/** Nodes with all that hangs on them, and wires. A block that no instance uses any more goes too. */
export function removeParts(document: Document, scope: Scope, nodes: readonly string[], edges: readonly string[]) {
  const root = rootOf(scope);
  const gone = new Set(nodes);
  const edits: Edit[] = [];
  const wires = new Set(edges);
  for (const [id, edge] of Object.entries(edgesOf(document, scope))) {
    if (gone.has(edge.from) || gone.has(edge.to)) wires.add(id);
  }
  for (const id of wires) edits.push(remove([...root, "edges", id]));
  const positions = positionsOf(document);
  for (const id of gone) {
    edits.push(remove([...root, "nodes", id]));
    if (positionKey(scope, id) in positions) edits.push(remove(["drawing", "positions", positionKey(scope, id)]));
  }
  if (scope) {
    for (const [id, exposed] of Object.entries(document.blocks?.[scope]?.exposed ?? {})) {
      const targets = targetsOf(exposed);
      const left = targets.filter(({ node }) => !gone.has(node));
      if (left.length === targets.length) continue;
      const next = exposing(exposed, left);
      edits.push(next ? set([...root, "exposed", id], next) : remove([...root, "exposed", id]));
    }
  }
  // Outside, the ports of the block go with their wires.
  const ports = new Set([...gone].filter((id) => isBlockPort(nodesOf(document, scope)[id])));
  if (scope && ports.size > 0) edits.push(...wiresAtPorts(document, scope, ports));
  for (const block of unusedBlocks(document, scope, gone)) {
    edits.push(remove(["blocks", block]));
    for (const key of Object.keys(positions)) {
      if (key.startsWith(`${block}/`)) edits.push(remove(["drawing", "positions", key]));
    }
  }
  return edits;
}

export const isBlockPort = (node: GraphNode | undefined): boolean =>
  node?.type === "block_input" || node?.type === "block_output";

/** Wires that end or begin at some ports of a block's instances, wherever these stand. */
function wiresAtPorts(document: Document, block: string, ports: ReadonlySet<string>): Edit[] {
  return ["", ...Object.keys(document.blocks ?? {})].flatMap((at) => {
    const nodes = nodesOf(document, at);
    return Object.entries(edgesOf(document, at))
      .filter(
        ([, edge]) =>
          (nodes[edge.to]?.block === block && ports.has(intoOf(edge))) ||
          (nodes[edge.from]?.block === block && ports.has(outOf(edge))),
      )
      .map(([id]) => remove([...rootOf(at), "edges", id]));
  });
}

/** Blocks that were in use, and are not once these nodes are gone. */
function unusedBlocks(document: Document, scope: Scope, gone: ReadonlySet<string>): string[] {
  const blocks = document.blocks ?? {};
  const used = (left: (at: Scope, id: string) => boolean, from: Scope[]): Set<string> => {
    const seen = new Set<string>();
    const open = [...from];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const [id, node] of Object.entries(nodesOf(document, at))) {
        if (node.type !== "block" || !node.block || !left(at, id) || seen.has(node.block)) continue;
        seen.add(node.block);
        open.push(node.block);
      }
    }
    return seen;
  };
  const before = used(() => true, [""]);
  const after = used((at, id) => at !== scope || !gone.has(id), [""]);
  return [...before].filter((block) => !after.has(block) && block in blocks && block !== scope);
}

/** New positions, by node id. */
export function move(scope: Scope, to: Readonly<Record<string, Point>>): Edit[] {
  return Object.entries(to).map(([id, point]) => set(["drawing", "positions", positionKey(scope, id)], point));
}

/** A field of a node; the default is not written down. */
export function setField(scope: Scope, id: string, field: string, value: Json, fallback: Json | undefined): Edit[] {
  const path = [...rootOf(scope), "nodes", id, "fields", field];
  return [same(value, fallback) ? remove(path) : set(path, value)];
}

export function setProperty<K extends "name" | "trainable" | "weights" | "mode" | "times" | "ablation">(
  scope: Scope,
  id: string,
  key: K,
  value: GraphNode[K],
  fallback: GraphNode[K],
): Edit[] {
  const path = [...rootOf(scope), "nodes", id, key];
  return [value === fallback ? remove(path) : set(path, value)];
}

/** Deep equality of JSON values. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, Json>;
  const right = b as Record<string, Json>;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && same(left[key], right[key]));
}

/** Wires that lost an end when a delete crossed them. */
export function dangling(document: Document): Edit[] {
  const edits: Edit[] = [];
  for (const scope of ["", ...Object.keys(document.blocks ?? {})]) {
    const nodes = nodesOf(document, scope);
    for (const [id, edge] of Object.entries(edgesOf(document, scope))) {
      if (!isWhole(edge, nodes)) edits.push(remove([...rootOf(scope), "edges", id]));
    }
  }
  return edits;
}
