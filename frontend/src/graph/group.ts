/** A selection becomes a block, and a block its parts again; what the board computes stays the same. */
import type { Edit } from "../wire/types";
import { apply, remove, set } from "./apply";
import {
  type Block,
  type Document,
  type Exposed,
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
  trailTo,
} from "./document";
import { removeParts, snapped } from "./edits";
import { WIDTH } from "./geometry";
import { edgeId, freeId } from "./ids";
import type { Move, Target } from "./moves";
import type { Ports } from "./ports";

/** Why it cannot be done: a key of the words, with the names that it needs. */
export interface Refusal {
  why: "nothing" | "ports" | "circle" | "weights" | "off" | "loop" | "many";
  node?: string;
  other?: string;
}

/** `moves`: which of the nodes that the edits make are others that they take away. */
export type Done = { ids: string[]; edits: Edit[]; moves: Move[] };

/** Nodes that an ungrouped block may become. */
const MOST_PARTS = 500;
/** From a card to a block's port beside it. */
const ASIDE = WIDTH + 96;

type PortsOf = (node: GraphNode) => Ports;

/** What stands at a port: a node and the name of its output, or of its input. */
const key = (node: string, port: string) => `${node} ${port}`;

const isPort = ({ type }: GraphNode) => type === "block_input" || type === "block_output";

/** The nodes behind a node, any number of wires away. */
function reached(edges: Record<string, GraphEdge>, from: Iterable<string>): Set<string> {
  const behind = new Map<string, string[]>();
  for (const edge of Object.values(edges)) {
    const list = behind.get(edge.from);
    if (list) list.push(edge.to);
    else behind.set(edge.from, [edge.to]);
  }
  const seen = new Set(from);
  const open = [...seen];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const next of behind.get(at) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
}

const middle = (points: readonly Point[]): Point => {
  const of = (values: number[]) => (values.length ? (Math.min(...values) + Math.max(...values)) / 2 : 0);
  return { x: of(points.map(({ x }) => x)), y: of(points.map(({ y }) => y)) };
};

/** Puts nodes into a new block, and an instance of it in their place. One port a value that crosses the border. */
export function group(
  document: Document,
  scope: Scope,
  ids: readonly string[],
  portsOf: PortsOf,
  { title, mark = "" }: { title: string; mark?: string },
): Done | Refusal {
  const all = nodesOf(document, scope);
  const edges = Object.fromEntries(Object.entries(edgesOf(document, scope)).filter(([, edge]) => isWhole(edge, all)));
  const inside = new Set(ids.filter((id) => id in all));
  const refusal = refused(document, scope, inside, all, edges);
  if (refusal) return refusal;

  const name = freeId(title, (id) => id in (document.blocks ?? {}), mark);
  const instance = freeId(title, (id) => id in all && !inside.has(id), mark);
  const positions = positionsOf(document);
  const placeOf = (id: string): Point => positions[positionKey(scope, id)] ?? { x: 0, y: 0 };
  const places = [...inside].map(placeOf);
  const nodes: Record<string, GraphNode> = {};
  const wires: Record<string, GraphEdge> = {};
  const spots: Record<string, Point> = {};
  for (const id of inside) {
    nodes[id] = { fields: {}, ...(all[id] as GraphNode) };
    spots[id] = placeOf(id);
  }

  const root = rootOf(scope);
  const edits: Edit[] = [];
  const outer: Edit[] = [];
  const left = Math.min(...places.map(({ x }) => x)) - ASIDE;
  const right = Math.max(...places.map(({ x }) => x)) + ASIDE;
  const free = (stem: string) => freeId(stem, (id) => id in nodes || inside.has(id));
  const port = (type: string, stem: string, order: number, spot: Point): string => {
    const id = free(stem);
    nodes[id] = { type, fields: order > 0 ? { order } : {} };
    spots[id] = snapped(spot);
    return id;
  };

  // What comes in: one port for every output outside that is read inside.
  const incoming = new Map<string, { from: string; out: string; edges: [string, GraphEdge][] }>();
  const outgoing = new Map<string, { from: string; out: string; edges: [string, GraphEdge][] }>();
  for (const [id, edge] of Object.entries(edges)) {
    const [begins, ends] = [inside.has(edge.from), inside.has(edge.to)];
    if (!begins && !ends) continue;
    edits.push(remove([...root, "edges", id]));
    if (begins && ends) {
      wires[id] = edge;
      continue;
    }
    const side = ends ? incoming : outgoing;
    const value = key(edge.from, outOf(edge));
    const known = side.get(value) ?? { from: edge.from, out: outOf(edge), edges: [] };
    known.edges.push([id, edge]);
    side.set(value, known);
  }
  const open = openPorts(inside, all, edges, portsOf);
  const sorted = [...incoming.values()].sort(
    (a, b) => placeOf(a.from).y - placeOf(b.from).y || (a.from < b.from ? -1 : 1) || (a.out < b.out ? -1 : 1),
  );
  const inputs = sorted.length + open.inputs.length;
  sorted.forEach(({ from, out, edges: crossing }, order) => {
    const ends = middle(crossing.map(([, { to }]) => placeOf(to)));
    const id = port("block_input", inputs === 1 ? "x" : out === "y" ? from : out, order, { x: left, y: ends.y });
    for (const [wire, edge] of crossing) wires[wire] = { ...edge, from: id, out: "y" };
    outer.push(set([...root, "edges", edgeId()], { from, out, to: instance, in: id }));
  });
  open.inputs.forEach(([to, into], at) => {
    const id = port("block_input", inputs === 1 ? "x" : into === "x" ? `to_${to}` : into, sorted.length + at, {
      x: left,
      y: placeOf(to).y,
    });
    wires[edgeId()] = { from: id, out: "y", to, in: into };
  });

  // What goes out: one port for every output inside that is read outside, or by nobody.
  const leaving = [...outgoing.values(), ...open.outputs.map(([from, out]) => ({ from, out, edges: [] }))].sort(
    (a, b) => placeOf(a.from).y - placeOf(b.from).y || (a.from < b.from ? -1 : 1) || (a.out < b.out ? -1 : 1),
  );
  leaving.forEach(({ from, out, edges: crossing }, order) => {
    const stem = leaving.length === 1 ? "y" : out === "y" ? `${from}_out` : out;
    const id = port("block_output", stem, order, { x: right, y: placeOf(from).y });
    wires[edgeId()] = { from, out, to: id, in: "x" };
    for (const [wire, edge] of crossing)
      outer.push(set([...root, "edges", wire], { ...edge, from: instance, out: id }));
  });

  for (const id of inside) {
    edits.push(remove([...root, "nodes", id]));
    if (positionKey(scope, id) in positions) edits.push(remove(["drawing", "positions", positionKey(scope, id)]));
  }
  const passed = passedOn(document, scope, inside, instance);
  edits.push(set(["blocks", name], { title, nodes, edges: wires, exposed: passed.own }));
  edits.push(set([...root, "nodes", instance], { type: "block", block: name, fields: {} }));
  edits.push(...outer, ...passed.edits);
  for (const [id, spot] of Object.entries(spots))
    edits.push(set(["drawing", "positions", positionKey(name, id)], spot));
  edits.push(set(["drawing", "positions", positionKey(scope, instance)], middle(places)));
  edits.push(
    ...recipePaths(document, (path) => {
      const at = placeIn(document, scope, path);
      return at && inside.has(at.node) ? [`${at.before}${instance}/${at.node}${at.after}`] : null;
    }),
  );
  const moves = [...inside].map((id) => ({ from: { scope, node: id }, to: [{ scope: name, node: id }] }));
  return { ids: [instance], edits, moves };
}

function refused(
  document: Document,
  scope: Scope,
  inside: ReadonlySet<string>,
  all: Record<string, GraphNode>,
  edges: Record<string, GraphEdge>,
): Refusal | null {
  if (inside.size === 0) return { why: "nothing" };
  for (const id of inside) if (all[id] && isPort(all[id])) return { why: "ports", node: id };
  const outside = Object.values(edges).flatMap(({ from, to }) => (inside.has(from) && !inside.has(to) ? [to] : []));
  const behind = reached(edges, outside);
  for (const { from, to } of Object.values(edges)) {
    if (inside.has(to) && !inside.has(from) && behind.has(from)) return { why: "circle", node: from };
  }
  // Names of shared weights hold in one block: a part of those that share cannot go.
  for (const id of inside) {
    const shared = all[id]?.weights;
    if (!shared) continue;
    const other = Object.keys(all).find((each) => !inside.has(each) && all[each]?.weights === shared);
    if (other) return { why: "weights", node: id, other };
  }
  return scope && !document.blocks?.[scope] ? { why: "nothing" } : null;
}

/** Required inputs without a wire, and outputs that nobody reads. */
function openPorts(
  inside: ReadonlySet<string>,
  all: Record<string, GraphNode>,
  edges: Record<string, GraphEdge>,
  portsOf: PortsOf,
): { inputs: [string, string][]; outputs: [string, string][] } {
  const fed = new Set(Object.values(edges).map((edge) => key(edge.to, intoOf(edge))));
  const reading = new Set(Object.values(edges).map(({ from }) => from));
  const inputs: [string, string][] = [];
  const outputs: [string, string][] = [];
  for (const id of inside) {
    const node = all[id];
    if (!node) continue;
    const ports = portsOf(node);
    for (const { name, optional } of ports.inputs) if (!optional && !fed.has(key(id, name))) inputs.push([id, name]);
    const [first] = ports.outputs;
    // Data and losses, which have no way in or none on, are ends.
    if (first && ports.inputs.length > 0 && !reading.has(id) && !isEnd(ports)) outputs.push([id, first.name]);
  }
  return { inputs, outputs };
}

/** A loss takes a target. */
const isEnd = ({ inputs }: Ports) => inputs.some(({ name }) => name === "target");

/** Fields that the enclosing block offers of nodes that go inside: the new block offers them in between. */
function passedOn(
  document: Document,
  scope: Scope,
  inside: ReadonlySet<string>,
  instance: string,
): { own: Record<string, Exposed>; edits: Edit[] } {
  const own: Record<string, Exposed> = {};
  const edits: Edit[] = [];
  const offered = (scope && document.blocks?.[scope]?.exposed) || {};
  for (const [id, exposed] of Object.entries(offered)) {
    const targets = targetsOf(exposed);
    const going = targets.filter(({ node }) => inside.has(node));
    if (going.length === 0) continue;
    const staying = targets.filter(({ node }) => !inside.has(node));
    const name = freeId(staying.length > 0 ? exposed.field : id, (each) => each in own);
    own[name] = exposing({ node: "", field: "", title: exposed.title ?? "" }, going) as Exposed;
    edits.push(set(["blocks", scope, "exposed", id], exposing(exposed, [...staying, { node: instance, field: name }])));
  }
  return { own, edits };
}

/** Takes an instance's parts out of it; a repeated one's copies one behind the other. */
export function ungroup(document: Document, scope: Scope, id: string, mark = ""): Done | Refusal {
  const all = nodesOf(document, scope);
  const instance = all[id];
  const name = instance?.block ?? "";
  const block = document.blocks?.[name];
  if (instance?.type !== "block" || !block) return { why: "nothing" };
  if (instance.mode === "over_time") return { why: "loop", node: id };
  if (instance.ablation) return { why: "off", node: id };
  const sharing = Object.keys(all).find(
    (each) => each !== id && instance.weights && all[each]?.weights === instance.weights,
  );
  if (sharing) return { why: "weights", node: id, other: sharing };
  const copies = instance.mode === "repeat" ? (instance.times ?? 1) : 1;
  const parts = Object.entries(block.nodes ?? {}).filter(([, node]) => !isPort(node));
  if (parts.length * copies > MOST_PARTS) return { why: "many", node: id };

  const positions = positionsOf(document);
  const inner = (node: string): Point => positions[positionKey(name, node)] ?? { x: 0, y: 0 };
  const centre = middle(parts.map(([node]) => inner(node)));
  const at = positions[positionKey(scope, id)] ?? { x: 0, y: 0 };
  const xs = parts.map(([node]) => inner(node).x);
  const across = (xs.length ? Math.max(...xs) - Math.min(...xs) : 0) + ASIDE;
  const values = settings(block, instance);
  const taken = new Set(Object.keys(all).filter((each) => each !== id));
  const root = rootOf(scope);
  const edits: Edit[] = [];
  const names: Map<string, string>[] = [];
  const targets = new Map<string, Target[]>();
  const weightsHere = new Set(Object.values(all).map(({ weights }) => weights ?? ""));
  const shared = renamer((weights) => weightsHere.has(weights));
  for (let copy = 0; copy < copies; copy += 1) {
    const own = new Map<string, string>();
    names.push(own);
    // Copies with weights of their own keep apart what inside one of them is shared.
    const apart = renamer((weights) => weightsHere.has(weights));
    for (const [node, part] of parts) {
      const fresh = freeId(node, (each) => taken.has(each), copies > 1 || taken.has(node) ? mark : "");
      taken.add(fresh);
      own.set(node, fresh);
      const next: GraphNode = { ...part, fields: { ...part.fields, ...values.get(node) } };
      if (instance.trainable === false) next.trainable = false;
      if (instance.weights && copies > 1) next.weights = shared(part.weights || node);
      else if (part.weights) next.weights = apart(part.weights);
      edits.push(set([...root, "nodes", fresh], next));
      const spot = inner(node);
      const point = snapped({ x: at.x + spot.x - centre.x + copy * across, y: at.y + spot.y - centre.y });
      edits.push(set(["drawing", "positions", positionKey(scope, fresh)], point));
      const target = { scope, node: fresh, x: point.x - spot.x, y: point.y - spot.y };
      targets.set(node, [...(targets.get(node) ?? []), target]);
    }
    for (const weights of apart.made()) weightsHere.add(weights);
  }
  edits.push(...wiresOutside(document, scope, id, block, names));
  edits.push(...handedBack(document, scope, id, block, names));
  const moved = (path: string): string[] | null => {
    const place = placeIn(document, scope, path);
    if (place?.node !== id) return null;
    if (!place.after) return names.flatMap((own) => [...own.values()].map((node) => `${place.before}${node}`));
    const [first = "", ...rest] = place.after.slice(1).split("/");
    const [copy, node, deeper] =
      instance.mode === "repeat" ? [Number(first), rest[0], rest.slice(1)] : [0, first, rest];
    const fresh = names[copy]?.get(node ?? "");
    return fresh ? [[`${place.before}${fresh}`, ...deeper].join("/")] : [];
  };
  edits.push(...recipePaths(document, moved));
  const between = apply(document, edits);
  const exposed = between.blocks?.[scope]?.exposed ?? {};
  const gone = removeParts(between, scope, [id], []).filter(
    ({ path }) => !(path[2] === "exposed" && path[3] !== undefined && exposed[path[3]]?.node !== id),
  );
  return {
    ids: names.flatMap((own) => [...own.values()]),
    edits: [...edits, ...gone],
    moves: [
      // A block that others still use stays as it is, and what is in it too.
      ...(gone.some(({ path }) => path[0] === "blocks" && path[1] === name && path.length === 2)
        ? [...targets].map(([node, to]) => ({ from: { scope: name, node }, to }))
        : []),
      {
        from: { scope, node: id },
        to: [...targets].flatMap(([node, to]) => to.map((each) => ofInstance(block, node, each))),
      },
    ],
  };
}

/** A part as what an instance goes into: the fields of the part that each of the instance's own sets. */
function ofInstance(block: Block, part: string, target: Target): Target {
  const fields: Record<string, string[]> = {};
  for (const [name, exposed] of Object.entries(block.exposed ?? {})) {
    const own = targetsOf(exposed).flatMap(({ node, field }) => (node === part ? [field] : []));
    if (own.length > 0) fields[name] = own;
  }
  return { ...target, fields };
}

/** Names for shared weights that are not in use: the same one for the same. */
function renamer(
  taken: (weights: string) => boolean,
): ((weights: string) => string) & { made: () => Iterable<string> } {
  const known = new Map<string, string>();
  const rename = (weights: string): string => {
    let next = known.get(weights);
    if (next === undefined) {
      const used = new Set(known.values());
      next = weights;
      for (let count = 2; taken(next) || used.has(next); count += 1) next = `${weights}_${count}`;
      known.set(weights, next);
    }
    return next;
  };
  return Object.assign(rename, { made: () => known.values() });
}

/** The values that an instance sets, by inner node. */
function settings(block: Block, instance: GraphNode): Map<string, Record<string, Json>> {
  const values = new Map<string, Record<string, Json>>();
  for (const [name, value] of Object.entries(instance.fields ?? {})) {
    const exposed = block.exposed?.[name];
    if (!exposed) continue;
    for (const { node, field } of targetsOf(exposed)) values.set(node, { ...values.get(node), [field]: value });
  }
  return values;
}

/** A block's ports of one side, in their order. */
function portNames(block: Block, type: string): string[] {
  const order = (node: GraphNode) => (typeof node.fields?.order === "number" ? node.fields.order : 0);
  return Object.entries(block.nodes ?? {})
    .filter(([, node]) => node.type === type)
    .sort(([a, one], [b, other]) => order(one) - order(other) || (a < b ? -1 : 1))
    .map(([port]) => port);
}

type End = { node: string; port: string };

/** The wires between the parts and to what stands outside; the block's ports are gone. */
function wiresOutside(
  document: Document,
  scope: Scope,
  id: string,
  block: Block,
  names: readonly Map<string, string>[],
): Edit[] {
  const root = [...rootOf(scope), "edges"];
  const inner = Object.entries(block.edges ?? {}).filter(([, edge]) => isWhole(edge, block.nodes ?? {}));
  const outer = Object.entries(edgesOf(document, scope));
  const [firstInput] = portNames(block, "block_input");
  const [firstOutput] = portNames(block, "block_output");
  /** What arrives at a port of a copy; null where nothing does. */
  const origin = (copy: number, edge: GraphEdge): End | null => {
    const own = names[copy]?.get(edge.from);
    if (own !== undefined) return { node: own, port: outOf(edge) };
    if (copy > 0 && edge.from === firstInput && firstOutput !== undefined) return result(copy - 1, firstOutput);
    const wire = outer.find(([, { to, ...each }]) => to === id && intoOf({ ...each, to }) === edge.from)?.[1];
    if (!wire) return null;
    return wire.from === id ? result(names.length - 1, outOf(wire)) : { node: wire.from, port: outOf(wire) };
  };
  const result = (copy: number, port: string): End | null => {
    const edge = inner.find(([, { to }]) => to === port)?.[1];
    return edge ? origin(copy, edge) : null;
  };
  const edits: Edit[] = [];
  names.forEach((own, copy) => {
    for (const [wire, edge] of inner) {
      const to = own.get(edge.to);
      const from = to === undefined ? null : origin(copy, edge);
      if (!to || !from) continue;
      const key = copy === 0 && !(wire in edgesOf(document, scope)) ? wire : edgeId();
      edits.push(set([...root, key], { ...edge, from: from.node, out: from.port, to, in: intoOf(edge) }));
    }
  });
  for (const [wire, edge] of outer) {
    if (edge.from !== id || edge.to === id) continue;
    const from = result(names.length - 1, outOf(edge));
    if (from) edits.push(set([...root, wire], { ...edge, from: from.node, out: from.port }));
  }
  return edits;
}

/** Fields that the enclosing block offers of the instance: it offers them of the parts. */
function handedBack(
  document: Document,
  scope: Scope,
  id: string,
  block: Block,
  names: readonly Map<string, string>[],
): Edit[] {
  const edits: Edit[] = [];
  for (const [name, exposed] of Object.entries((scope && document.blocks?.[scope]?.exposed) || {})) {
    const targets = targetsOf(exposed);
    if (!targets.some(({ node }) => node === id)) continue;
    const next = targets.flatMap((target) => {
      const inner = target.node === id ? block.exposed?.[target.field] : undefined;
      if (target.node !== id) return [target];
      return names.flatMap((own) =>
        (inner ? targetsOf(inner) : []).flatMap(({ node, field }) => {
          const part = own.get(node);
          return part === undefined ? [] : [{ node: part, field }];
        }),
      );
    });
    const path = ["blocks", scope, "exposed", name];
    const left = exposing(exposed, next);
    edits.push(left ? set(path, left) : remove(path));
  }
  return edits;
}

/** Where a path of the board crosses a level of a scope. */
function placeIn(
  document: Document,
  scope: Scope,
  path: string,
): { before: string; node: string; after: string } | null {
  const steps = path.split("/");
  for (let count = 1; count <= steps.length; count += 1) {
    const found = trailTo(document, steps.slice(0, count).join("/"));
    if (!found) continue;
    const within = found.trail.reduce<Scope>((at, { node }) => nodesOf(document, at)[node]?.block ?? "", "");
    if (within !== scope || found.node !== steps[count - 1]) continue;
    const before = steps.slice(0, count - 1).join("/");
    const after = steps.slice(count).join("/");
    return { before: before ? `${before}/` : "", node: found.node, after: after ? `/${after}` : "" };
  }
  return null;
}

/** The recipe names nodes by their paths, which change. */
function recipePaths(document: Document, moved: (path: string) => string[] | null): Edit[] {
  const edits: Edit[] = [];
  for (const [id, phase] of Object.entries(document.recipe?.phases ?? {})) {
    for (const part of ["losses", "updates"] as const) {
      const before = phase[part] ?? [];
      const after = before.flatMap((path) => moved(path) ?? [path]);
      if (after.join() !== before.join()) edits.push(set(["recipe", "phases", id, part], after));
    }
  }
  return edits;
}
