/** Edits as they are written into a Y.Doc: every object a map of its own; nodes that move are put out of sight. */
import * as Y from "yjs";
import type { Json } from "../graph/document";
import { same } from "../graph/edits";
import { blockPlace, type Move, type Place, placeAt, placeOf, targetsIn, written } from "../graph/moves";
import type { Edit } from "../wire/types";

export const ROOTS = ["meta", "about", "nodes", "edges", "blocks", "recipe", "drawing", "moved"] as const;
export type Root = (typeof ROOTS)[number];

type Plain = Record<string, Json>;

/** A Y value as a plain one; integers that came as BigInt become numbers. */
export function toPlain(value: unknown): Json {
  if (value instanceof Y.Map) {
    const plain: Plain = {};
    for (const [key, inner] of value.entries()) plain[key] = toPlain(inner);
    return plain;
  }
  if (value instanceof Y.Array || value instanceof Y.Text) return value.toJSON() as Json;
  if (typeof value === "bigint") return Number(value);
  if (value === undefined) return null;
  return value as Json;
}

/** Every object a Y.Map, recursively; lists and scalars stay plain and are replaced whole. */
function toShared(value: Json): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const map = new Y.Map<unknown>();
  for (const [key, inner] of Object.entries(value)) map.set(key, toShared(inner));
  return map;
}

/** The root map and the rest of an edit's path; the title is kept in `meta`. */
function placed(path: readonly string[]): [Root, string[]] | null {
  const [first, ...rest] = path;
  if (first === "title" || first === "version") return ["meta", [first]];
  const root = ROOTS.find((name) => name === first);
  return root && rest.length > 0 ? [root, rest] : null;
}

function writeOne(doc: Y.Doc, edit: Edit): void {
  const at = placed(edit.path);
  if (!at) return;
  const [root, rest] = at;
  let map = doc.getMap<unknown>(root);
  for (const key of rest.slice(0, -1)) {
    let inner = map.get(key);
    if (!(inner instanceof Y.Map)) {
      if (edit.remove) return;
      inner = map.set(key, new Y.Map());
    }
    map = inner as Y.Map<unknown>;
  }
  const last = rest.at(-1) ?? "";
  if (edit.remove) map.delete(last);
  else map.set(last, toShared(edit.value as Json));
}

type Shared = Y.Map<unknown>;

const inner = (map: Shared | undefined, key: string): Shared | undefined => {
  const found = map?.get(key);
  return found instanceof Y.Map ? found : undefined;
};

/** Writes edits, and for nodes that move leaves a trace where they stood. */
export function write(doc: Y.Doc, edits: readonly Edit[], moves: readonly Move[]): void {
  const moved = doc.getMap<unknown>("moved");
  const leaving = new Map(moves.filter(({ to }) => to.length > 0).map((move) => [placeOf(move.from), move]));
  const origins = new Set(moves.map(({ from }) => placeOf(from)));
  const blocks = doc.getMap<unknown>("blocks");
  const nodesIn = (scope: string) => (scope ? inner(inner(blocks, scope), "nodes") : doc.getMap<unknown>("nodes"));
  const find = ({ scope, node }: Place) => inner(nodesIn(scope), node);

  const leave = (move: Move): void => {
    const node = find(move.from);
    if (node) moved.set(placeOf(move.from), written(move.to, toPlain(node)));
  };
  /** Whether a node that stands out of sight at a place comes home from where it went. */
  const comesHome = (place: Place): boolean =>
    targetsIn(moved.get(placeOf(place))).some((target) => origins.has(placeOf(target)));
  const forget = (place: string): void => {
    if (moved.has(place)) moved.delete(place);
  };
  /** A node is there again: in its old map, so that what others wrote into it meanwhile is in it. */
  const setNode = (place: Place, edit: Edit): void => {
    const old = find(place);
    const home = old && comesHome(place);
    forget(placeOf(place));
    if (!home) writeOne(doc, edit);
    else update(old, edit.value as Json);
  };
  const leaveBlock = (name: string): void => {
    const parts = moves.filter(({ from, to }) => from.scope === name && to.length > 0);
    for (const move of parts) leave(move);
    // Its wires were drawn anew where its parts went; what is found there later was drawn by somebody else, and is carried.
    const wires = inner(inner(blocks, name), "edges");
    for (const wire of [...(wires?.keys() ?? [])]) wires?.delete(wire);
    const to = parts[0]?.to[0];
    if (to) moved.set(blockPlace(name), written([{ ...to, node: name }]));
  };
  const setBlock = (name: string, edit: Edit): void => {
    const old = inner(blocks, name);
    const home = old && moved.has(blockPlace(name));
    forget(blockPlace(name));
    if (!home) {
      forgetInside(name);
      writeOne(doc, edit);
      return;
    }
    const { nodes = {}, edges = {}, ...rest } = edit.value as Record<string, Json>;
    update(old, { ...rest, nodes: toPlain(old.get("nodes") ?? new Y.Map()), edges });
    for (const [node, value] of Object.entries(nodes as Record<string, Json>)) {
      setNode({ scope: name, node }, { ...edit, path: [...edit.path, "nodes", node], value: value as Edit["value"] });
    }
    for (const node of inner(old, "nodes")?.keys() ?? []) {
      if (!(node in (nodes as object)) && !moved.has(placeOf({ scope: name, node }))) inner(old, "nodes")?.delete(node);
    }
  };
  const forgetInside = (name: string): void => {
    for (const place of [...moved.keys()]) if (place.startsWith(`${name}/`)) moved.delete(place);
  };

  for (const edit of edits) {
    const place = placeAt(edit.path);
    const block = edit.path[0] === "blocks" && edit.path.length === 2 ? edit.path[1] : undefined;
    if (place && edit.remove) {
      const move = leaving.get(placeOf(place));
      if (move) leave(move);
      else if (!moved.has(placeOf(place))) writeOne(doc, edit);
    } else if (place) setNode(place, edit);
    else if (block && edit.remove) {
      if (moves.some(({ from, to }) => from.scope === block && to.length > 0)) leaveBlock(block);
      else {
        forget(blockPlace(block));
        forgetInside(block);
        writeOne(doc, edit);
      }
    } else if (block) setBlock(block, edit);
    else writeOne(doc, edit);
  }
}

/** Makes a map hold a JSON object, changing only what differs. */
function update(map: Shared, value: Json): void {
  const next = (value ?? {}) as Record<string, Json>;
  for (const key of [...map.keys()]) if (!(key in next)) map.delete(key);
  for (const [key, item] of Object.entries(next)) {
    const known = map.get(key);
    const isObject = typeof item === "object" && item !== null && !Array.isArray(item);
    if (known instanceof Y.Map && isObject) update(known, item);
    else if (!same(toPlain(known), item) || (isObject && !known)) map.set(key, toShared(item));
  }
}
