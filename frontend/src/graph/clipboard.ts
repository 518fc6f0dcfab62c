/** Copying, also between boards and tabs: a part of a graph as JSON text in the system's clipboard. */
import type { Edit } from "../wire/types";
import { set } from "./apply";
import { bringBlocks, renamed } from "./definitions";
import {
  type Block,
  type Document,
  edgesOf,
  type GraphEdge,
  type GraphNode,
  nodesOf,
  type Point,
  positionKey,
  positionsOf,
  rootOf,
  type Scope,
} from "./document";
import { snapped } from "./edits";
import { edgeId, freeId } from "./ids";

/** What is written to the clipboard. */
export interface Piece {
  chalknet: 1;
  nodes: Record<string, GraphNode>;
  edges: GraphEdge[];
  blocks: Record<string, Block>;
  /** Of the nodes, and of the nodes inside the blocks (`block/node`). */
  positions: Record<string, Point>;
}

/** The nodes, the wires between them, and every block that they need. */
export function copy(document: Document, scope: Scope, ids: readonly string[]): Piece {
  const all = nodesOf(document, scope);
  const positions = positionsOf(document);
  const piece: Piece = { chalknet: 1, nodes: {}, edges: [], blocks: {}, positions: {} };
  for (const id of ids) {
    const node = all[id];
    if (!node) continue;
    piece.nodes[id] = node;
    const point = positions[positionKey(scope, id)];
    if (point) piece.positions[id] = point;
  }
  for (const edge of Object.values(edgesOf(document, scope))) {
    if (edge.from in piece.nodes && edge.to in piece.nodes) piece.edges.push(edge);
  }
  const open = Object.values(piece.nodes);
  for (let node = open.pop(); node; node = open.pop()) {
    const name = node.block;
    const block = name && document.blocks?.[name];
    if (!name || !block || name in piece.blocks) continue;
    piece.blocks[name] = block;
    for (const inner of Object.keys(block.nodes ?? {})) {
      const point = positions[positionKey(name, inner)];
      if (point) piece.positions[positionKey(name, inner)] = point;
    }
    open.push(...Object.values(block.nodes ?? {}));
  }
  return piece;
}

export const write = (piece: Piece): string => JSON.stringify(piece);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Null where the text is no piece of a graph. */
export function read(text: string): Piece | null {
  if (text.length > 1_000_000 || !text.startsWith('{"chalknet"')) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || value.chalknet !== 1 || !isRecord(value.nodes) || !Array.isArray(value.edges)) return null;
    if (!Object.values(value.nodes).every((node) => isRecord(node) && typeof node.type === "string")) return null;
    return {
      chalknet: 1,
      nodes: value.nodes as Piece["nodes"],
      edges: value.edges.filter(isRecord) as unknown as GraphEdge[],
      blocks: (isRecord(value.blocks) ? value.blocks : {}) as Piece["blocks"],
      positions: (isRecord(value.positions) ? value.positions : {}) as Piece["positions"],
    };
  } catch {
    return null;
  }
}

export interface Pasted {
  ids: string[];
  edits: Edit[];
}

/** The piece put in, its corner `by` away from where it was, or its middle at `at`. */
export function paste(
  document: Document,
  scope: Scope,
  piece: Piece,
  where: { by: Point } | { at: Point },
  mark = "",
): Pasted {
  const edits: Edit[] = [];
  const blocks = bringBlocks(document, piece, edits, mark);
  const taken = new Set(Object.keys(nodesOf(document, scope)));
  const names = new Map<string, string>();
  const shift = "by" in where ? where.by : toMiddle(piece, where.at);
  for (const [old, node] of Object.entries(piece.nodes)) {
    if (isInside(document, scope, blocks, node)) continue;
    const id = freeId(old.replace(/_\d+[a-z]{0,2}$/, ""), (name) => taken.has(name), mark);
    taken.add(id);
    names.set(old, id);
    edits.push(set([...rootOf(scope), "nodes", id], { fields: {}, ...renamed(node, blocks) }));
    const { x, y } = piece.positions[old] ?? { x: 0, y: 0 };
    edits.push(set(["drawing", "positions", positionKey(scope, id)], snapped({ x: x + shift.x, y: y + shift.y })));
  }
  for (const edge of piece.edges) {
    const from = names.get(edge.from);
    const to = names.get(edge.to);
    if (from && to) edits.push(set([...rootOf(scope), "edges", edgeId()], { ...edge, from, to }));
  }
  return { ids: [...names.values()], edits };
}

/** A block cannot be put inside itself. */
function isInside(document: Document, scope: Scope, blocks: ReadonlyMap<string, string>, node: GraphNode): boolean {
  const seen = new Set<string>();
  const reaches = (block: string): boolean => {
    if (block === scope) return true;
    if (seen.has(block)) return false;
    seen.add(block);
    return Object.values(nodesOf(document, block)).some((inner) => inner.block && reaches(inner.block));
  };
  return scope !== "" && !!node.block && reaches(blocks.get(node.block) ?? node.block);
}

function toMiddle(piece: Piece, at: Point): Point {
  const points = Object.keys(piece.nodes).map((id) => piece.positions[id] ?? { x: 0, y: 0 });
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const middle = (values: number[]) => (values.length ? (Math.min(...values) + Math.max(...values)) / 2 : 0);
  return { x: at.x - middle(xs), y: at.y - middle(ys) };
}
