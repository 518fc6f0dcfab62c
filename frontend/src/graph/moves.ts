/**
 * Nodes that move into a block or out of one. A shared document cannot move a map: the node is made anew at its new place.
 * So that no edit is lost that others make before they know of it, the old map stays, out of sight, and the root `moved`
 * says where the node went and how it stood when it left; the server carries there whatever comes too late (its
 * boards/moves.py).
 */
import type { Block, Document, GraphNode, Json, Scope } from "./document";
import { positionKey } from "./document";

export interface Place {
  scope: Scope;
  node: string;
}

/** Where a node goes, and by how much its card moves. */
export interface Target extends Place {
  x?: number;
  y?: number;
  /** An instance that is taken apart goes into its parts: which fields of this part each of its own sets. */
  fields?: Record<string, string[]>;
}

export interface Move {
  from: Place;
  to: Target[];
}

/** What stands in `moved` at a place, as text. */
interface Trace {
  to: Target[];
  base?: Json;
  at: number;
}

export const placeOf = ({ scope, node }: Place): string => positionKey(scope, node);

/** Of a block that was taken apart: no node's place has a slash in front. */
export const blockPlace = (block: string): string => `/${block}`;

export const written = (to: readonly Target[], base?: Json): string => {
  const trace: Trace = { to: [...to], at: Math.floor(Date.now() / 1000) };
  if (base !== undefined) trace.base = base;
  return JSON.stringify(trace);
};

/** The places that a trace leads to; none where it cannot be read. */
export function targetsIn(text: unknown): Place[] {
  if (typeof text !== "string") return [];
  try {
    const { to } = JSON.parse(text) as Partial<Trace>;
    return Array.isArray(to) ? to.map(({ scope = "", node }) => ({ scope, node })) : [];
  } catch {
    return [];
  }
}

/** The moves that take these back. What a repeated block's copies became is one node again: the first copy's. */
export function reversed(moves: readonly Move[]): Move[] {
  const back = new Map<string, Move>();
  for (const { from, to } of moves) {
    for (const target of to) {
      if (target.fields && back.has(placeOf(target))) continue;
      const home = target.fields ? [] : [{ ...from, x: -(target.x ?? 0), y: -(target.y ?? 0) }];
      back.set(placeOf(target), { from: { scope: target.scope, node: target.node }, to: home });
    }
  }
  return [...back.values()];
}

/** The scope and the node of an edit's path that is a whole node's; null for every other. */
export function placeAt(path: readonly string[]): Place | null {
  const scope = path[0] === "blocks" ? (path[1] ?? "") : "";
  const [kind, node, ...deeper] = scope ? path.slice(2) : path;
  return kind === "nodes" && node !== undefined && deeper.length === 0 ? { scope, node } : null;
}

type Nodes = Record<string, GraphNode>;
type Moved = Record<string, unknown>;

const seen = new WeakMap<object, { moved: Moved; shown: unknown }>();

/** Made once for the same object and the same moves, so that `===` still tells what changed. */
function once<T extends object>(raw: T, moved: Moved, make: () => T): T {
  const known = seen.get(raw);
  if (known?.moved === moved) return known.shown as T;
  const shown = make();
  seen.set(raw, { moved, shown });
  return shown;
}

const without = (nodes: Nodes, scope: Scope, moved: Moved): Nodes =>
  Object.keys(nodes).some((node) => positionKey(scope, node) in moved)
    ? Object.fromEntries(Object.entries(nodes).filter(([node]) => !(positionKey(scope, node) in moved)))
    : nodes;

/** The document without what has moved on. */
export function inSight(document: Document, moved: Moved): Document {
  if (Object.keys(moved).length === 0) return document;
  const { nodes = {}, blocks = {} } = document;
  const shownBlock = (name: string, block: Block): Block =>
    once(block, moved, () => {
      const inner = without(block.nodes ?? {}, name, moved);
      return inner === block.nodes ? block : { ...block, nodes: inner };
    });
  return {
    ...document,
    nodes: once(nodes, moved, () => without(nodes, "", moved)),
    blocks: once(blocks, moved, () =>
      Object.fromEntries(
        Object.entries(blocks)
          .filter(([name]) => !(blockPlace(name) in moved))
          .map(([name, block]) => [name, shownBlock(name, block)]),
      ),
    ),
  };
}
