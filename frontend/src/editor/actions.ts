/** What can be done on a board, whatever it was asked by: a key, a button, a menu, a drop. */
import i18next from "i18next";
import { remove, set } from "../graph/apply";
import * as clipboard from "../graph/clipboard";
import {
  edgesOf,
  type GraphNode,
  intoOf,
  type Json,
  nodesOf,
  outOf,
  type Point,
  positionKey,
  positionsOf,
  rootOf,
} from "../graph/document";
import { addNode, connect, move, removeParts, same, sameWire, setField, setProperty, type Wire } from "../graph/edits";
import { expose, follow, fork } from "../graph/exposed";
import { boxOf, WIDTH } from "../graph/geometry";
import * as grouping from "../graph/group";
import { edgeId, markOf } from "../graph/ids";
import { Cancelled, layout } from "../graph/layout";
import { portsOf } from "../graph/ports";
import { makeRoom } from "../graph/room";
import { chip, chipWidth } from "../graph/shape";
import { hasBlocks } from "../graph/unfold";
import { mayEdit, notify, useBoard } from "../state/board";
import { type Item, layerOf } from "../state/catalogue";
import { clientNumber, currentDocument, edit, finishEdit } from "../state/document";
import { useFacts } from "../state/facts";
import { usePeople } from "../state/people";
import { pictured, thumbnailHeight } from "../state/runViews";
import { goTo, onlyNode, select, useLevel, useSelection } from "../state/selection";
import { noteUse, useUi } from "../state/ui";
import type { Fix } from "../wire/types";
import * as camera from "./camera";

export const allowed = (): boolean => mayEdit(useBoard.getState().info?.role);

/** While others draw too, new ids carry this page's mark. */
const mark = (): string => (usePeople.getState().peers.length > 0 ? markOf(clientNumber()) : "");

const scopeNow = () => useLevel.getState().scope;

/** Where a card is that has no place yet. */
export const placeOf = (id: string): Point =>
  positionsOf(currentDocument())[positionKey(scopeNow(), id)] ?? { x: 0, y: 0 };

/** A point near the wanted one where no card is. */
function clearOf(wanted: Point): Point {
  const taken = Object.keys(nodesOf(currentDocument(), scopeNow())).map(placeOf);
  const point = { ...wanted };
  while (taken.some(({ x, y }) => Math.abs(x - point.x) < WIDTH + 16 && Math.abs(y - point.y) < 80)) point.y += 96;
  return point;
}

export interface Placement {
  /** The upper left corner on the board. */
  at?: Point;
  /** The wire that was dropped there: the new node takes its other end. */
  wire?: { node: string; port: string; side: "out" | "in"; ownPort?: string };
  /** The wire that it is put on. */
  onEdge?: string;
}

let adds = 0;

/** Puts a layer or a template on the board, wired where that is clear; the id of the new node. */
export function add(item: Item, { at, wire, onEdge }: Placement = {}): string | null {
  if (!allowed()) return null;
  noteUse(item.key);
  const document = currentDocument();
  const scope = scopeNow();
  const selected = onlyNode(useSelection.getState());
  const centre = camera.middle();
  const point =
    at ??
    (selected
      ? clearOf({ x: placeOf(selected).x + WIDTH + 96, y: placeOf(selected).y })
      : clearOf({ x: centre.x - WIDTH / 2, y: centre.y - 40 }));
  const added =
    "layer" in item.make
      ? addNode(document, scope, { type: item.make.layer.type }, point, { mark: mark() })
      : addTemplate(item.make.template, point);
  if (!added) return null;
  adds += 1;
  edit(added.edits, `add ${adds}`);
  edit(wired(added.id, wire, onEdge), `add ${adds}`);
  if (onEdge) edit(roomFor(added.id, [added.id]), `add ${adds}`);
  finishEdit();
  select([added.id]);
  requestAnimationFrame(() => camera.reveal([added.id]));
  return added.id;
}

/** The first output of a node where it leads nowhere yet: what is added next may belong there. */
export function freeEnd(id: string): NonNullable<Placement["wire"]> | null {
  const document = currentDocument();
  const scope = scopeNow();
  const node = nodesOf(document, scope)[id];
  const output = node && portsOf(document, node, layerOf(node.type)).outputs[0];
  if (!node || !output || layerOf(node.type)?.family === "loss") return null;
  const used = Object.values(edgesOf(document, scope)).some((edge) => edge.from === id && outOf(edge) === output.name);
  return used ? null : { node: id, port: output.name, side: "out" };
}

/** The wires of a new node. */
function wired(id: string, wire: Placement["wire"], onEdge: string | undefined) {
  const document = currentDocument();
  const scope = scopeNow();
  const node = nodesOf(document, scope)[id];
  if (!node) return [];
  const { inputs, outputs } = portsOf(document, node, layerOf(node.type));
  const input = inputs.find(({ name }) => name === wire?.ownPort) ?? inputs[0];
  const output = outputs.find(({ name }) => name === wire?.ownPort) ?? outputs[0];
  const split = onEdge ? edgesOf(document, scope)[onEdge] : undefined;
  if (onEdge && split && input && output) {
    const root = [...rootOf(scope), "edges"];
    const next = { ...split, from: id, out: output.name };
    return [
      ...connect(document, scope, { from: split.from, out: outOf(split), to: id, into: input.name }, input.many),
      remove([...root, onEdge]),
      set([...root, edgeId()], next),
    ];
  }
  if (wire?.side === "out" && input) {
    return connect(document, scope, { from: wire.node, out: wire.port, to: id, into: input.name }, input.many);
  }
  if (wire?.side === "in" && output) {
    return connectEdits({ from: id, out: output.name, to: wire.node, into: wire.port });
  }
  return [];
}

/** A library block and an instance of it. */
function addTemplate(template: { type: string; block: unknown; instance: unknown }, at: Point) {
  const piece = clipboard.read(
    JSON.stringify({
      chalknet: 1,
      nodes: { [template.type]: { ...(template.instance as object), type: "block", block: template.type } },
      edges: [],
      blocks: { [template.type]: template.block },
      positions: {},
    }),
  );
  if (!piece) return null;
  const { ids, edits } = clipboard.paste(currentDocument(), scopeNow(), piece, { by: at }, mark());
  return ids[0] ? { id: ids[0], edits } : null;
}

function connectEdits(wire: Wire) {
  const document = currentDocument();
  const scope = scopeNow();
  const target = nodesOf(document, scope)[wire.to];
  if (!target || wire.from === wire.to) return [];
  const port = portsOf(document, target, layerOf(target.type)).inputs.find(({ name }) => name === wire.into);
  return port ? connect(document, scope, wire, port.many) : [];
}

export function join(wire: Wire): void {
  if (allowed()) edit(connectEdits(wire));
}

/** Takes an end of a wire to another port. */
export function rejoin(id: string, wire: Wire): void {
  if (!allowed()) return;
  const scope = scopeNow();
  const old = edgesOf(currentDocument(), scope)[id];
  if (!old || sameWire(old, wire)) return;
  edit([remove([...rootOf(scope), "edges", id]), ...connectEdits(wire)]);
}

export function removeSelected(): void {
  const { nodes, edges } = useSelection.getState();
  if (!allowed() || nodes.size + edges.size === 0) return;
  edit(removeParts(currentDocument(), scopeNow(), [...nodes], [...edges]));
  select([]);
}

let steps = 0;

/** A change of the structure: what it made is selected, or why it is refused is said. */
function restructure(result: grouping.Done | grouping.Refusal): boolean {
  if ("why" in result) {
    const nodes = nodesOf(currentDocument(), scopeNow());
    const called = (id = "") => nodes[id]?.name || id;
    notify(
      i18next.t(`editor:group.${result.why}`, { node: called(result.node), other: called(result.other) }),
      "error",
    );
    return false;
  }
  steps += 1;
  edit(result.edits, `structure ${steps}`, result.moves);
  finishEdit();
  select(result.ids);
  return true;
}

/** Puts the selected nodes into a block of their own. */
export function groupSelected(): void {
  const { nodes } = useSelection.getState();
  if (!allowed() || nodes.size === 0) return;
  const document = currentDocument();
  const ports = (node: GraphNode) => portsOf(document, node, layerOf(node.type));
  const title = i18next.t("editor:group.title");
  restructure(grouping.group(document, scopeNow(), [...nodes], ports, { title, mark: mark() }));
}

/** The blocks among the selected nodes become their parts again. */
export function ungroupSelected(): void {
  if (!allowed()) return;
  const scope = scopeNow();
  const blocks = [...useSelection.getState().nodes].filter(
    (id) => nodesOf(currentDocument(), scope)[id]?.type === "block",
  );
  const made: string[] = [];
  for (const id of blocks) {
    if (!restructure(grouping.ungroup(currentDocument(), scope, id, mark()))) return;
    made.push(...useSelection.getState().nodes);
  }
  if (blocks.length > 0) select(made);
}

/** Mutes or bypasses the selected nodes; those that are already all so become active again. */
export function ablate(how: "mute" | "bypass"): void {
  if (!allowed()) return;
  const scope = scopeNow();
  const nodes = nodesOf(currentDocument(), scope);
  const ids = [...useSelection.getState().nodes].filter((id) => nodes[id] && !nodes[id].type.startsWith("block_"));
  const off = ids.every((id) => nodes[id]?.ablation === how);
  steps += 1;
  edit(
    ids.flatMap((id) => setProperty(scope, id, "ablation", off ? "" : how, "")),
    `ablate ${steps}`,
  );
  finishEdit();
}

/** Gives an instance a definition of its own, so that a change inside shows in no other. */
export function forkBlock(id: string): void {
  if (allowed()) edit(fork(currentDocument(), scopeNow(), id, mark()));
}

/** Offers an inner node's field on the instances of the block that one is in, or takes the offer back. */
export function toggleExposed(id: string, field: string, title: string): void {
  if (allowed()) edit(expose(currentDocument(), scopeNow(), id, field, title), `expose ${id} ${field}`);
}

/** Lets an inner node's field follow one of the same name that the block offers already. */
export function followExposed(id: string, field: string, key: string): void {
  if (allowed()) edit(follow(currentDocument(), scopeNow(), key, id, field), `follow ${id} ${field}`);
}

/** Opens a block's instance; other nodes stay as they are. */
export function openBlock(id: string): void {
  const { trail, scope } = useLevel.getState();
  if (nodesOf(currentDocument(), scope)[id]?.type === "block") goTo([...trail, { node: id, index: 0 }]);
}

let drags = 0;

/** A drag begins: what moves until the next one is one step of undo. */
export function startDrag(): void {
  drags += 1;
}

export function drag(to: Readonly<Record<string, Point>>): void {
  if (allowed()) edit(move(scopeNow(), to), `drag ${drags}`);
}

export const endDrag = finishEdit;

/** Arrow keys. */
export function nudge(by: Point): void {
  const { nodes } = useSelection.getState();
  if (!allowed() || nodes.size === 0) return;
  const to = Object.fromEntries([...nodes].map((id) => [id, { x: placeOf(id).x + by.x, y: placeOf(id).y + by.y }]));
  edit(move(scopeNow(), to), `nudge ${[...nodes].join()}`);
}

export function copySelected(): string | null {
  const { nodes } = useSelection.getState();
  if (nodes.size === 0) return null;
  return clipboard.write(clipboard.copy(currentDocument(), scopeNow(), [...nodes]));
}

/** Pastes a piece of a graph at a point, or beside where it was; false where the text is none. */
export function pasteText(text: string, at?: Point): boolean {
  const piece = clipboard.read(text);
  if (!piece || !allowed()) return false;
  const where = at ? { at: { x: at.x - WIDTH / 2, y: at.y - 40 } } : { by: { x: 40, y: 40 } };
  const { ids, edits } = clipboard.paste(currentDocument(), scopeNow(), piece, where, mark());
  edit(edits);
  select(ids);
  requestAnimationFrame(() => camera.reveal(ids));
  return true;
}

export function duplicate(): void {
  const text = copySelected();
  if (text) pasteText(text);
}

/** Pastes what the system's clipboard holds at a point of the screen. */
export async function pasteFromClipboard(screen: Point): Promise<void> {
  try {
    const text = await navigator.clipboard.readText();
    if (!pasteText(text, camera.toBoard(screen) ?? undefined)) notify(i18next.t("editor:notice.nothingToPaste"));
  } catch {
    notify(i18next.t("editor:notice.noReading"), "error");
  }
}

/** Writes the selection to the system's clipboard. */
export async function copyToClipboard(): Promise<void> {
  const text = copySelected();
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text);
    notify(i18next.t("editor:notice.copied", { count: useSelection.getState().nodes.size }));
  } catch {
    notify(i18next.t("editor:notice.noClipboard"), "error");
  }
}

export function selectAll(): void {
  select(Object.keys(nodesOf(currentDocument(), scopeNow())));
}

export function change(id: string, field: string, value: Json, fallback: Json | undefined): void {
  if (allowed()) edit(setField(scopeNow(), id, field, value, fallback), `field ${id} ${field}`);
}

export function changeProperty<K extends "name" | "trainable" | "weights" | "mode" | "times" | "ablation">(
  id: string,
  key: K,
  value: Parameters<typeof setProperty<K>>[3],
  fallback: Parameters<typeof setProperty<K>>[4],
): void {
  if (allowed()) edit(setProperty(scopeNow(), id, key, value, fallback), `property ${id} ${key}`);
}

/** How a layer's first weights are drawn. */
export function changeInit(id: string, name: "how" | "scale", value: Json, fallback: Json): void {
  if (!allowed()) return;
  const path = [...rootOf(scopeNow()), "nodes", id, "init", name];
  edit([same(value, fallback) ? remove(path) : set(path, value)], `init ${id} ${name}`);
}

/** The selected nodes that learn, and whether all of them are frozen. */
export function freezable(): { ids: string[]; frozen: boolean } {
  const { scope, prefix } = useLevel.getState();
  const facts = useFacts.getState().nodes;
  const nodes = nodesOf(currentDocument(), scope);
  const ids = [...useSelection.getState().nodes].filter((id) => (facts[prefix + id]?.parameters ?? 0) > 0);
  return { ids, frozen: ids.length > 0 && ids.every((id) => nodes[id]?.trainable === false) };
}

/** Freezes what is selected and learns, or lets it learn where all of it is frozen. */
export function freezeSelected(): void {
  if (!allowed()) return;
  const { ids, frozen } = freezable();
  edit(ids.flatMap((id) => setProperty(scopeNow(), id, "trainable", frozen, true)));
}

let fixes = 0;

/** A way out of a problem: all its edits at once. Cards that came in between get room. */
export function applyFix(fix: Fix): void {
  if (!allowed()) return;
  fixes += 1;
  const scope = scopeNow();
  const before = nodesOf(currentDocument(), scope);
  edit(fix.edits, `fix ${fixes}`);
  const added = Object.keys(nodesOf(currentDocument(), scope)).filter((id) => !(id in before));
  for (const id of added) edit(roomFor(id, added), `fix ${fixes}`);
  finishEdit();
}

/** Where cards move to, so that those added in a row from `id` on overlap nothing; nowhere if it is not the first. */
function roomFor(id: string, added: readonly string[]) {
  const document = currentDocument();
  const scope = scopeNow();
  const edges = Object.values(edgesOf(document, scope));
  const before = edges.find(({ to }) => to === id)?.from;
  const row = [id];
  let after = edges.find(({ from }) => from === id)?.to;
  while (after && added.includes(after) && !row.includes(after)) {
    const last = after;
    row.push(last);
    after = edges.find(({ from }) => from === last)?.to;
  }
  if (!before || !after || added.includes(before)) return [];
  const positions = Object.fromEntries(Object.keys(nodesOf(document, scope)).map((each) => [each, placeOf(each)]));
  return move(scope, makeRoom(positions, row, before, after));
}

/** Shows every block open in its place, or folds them back to the level that one was on. */
/** The selected layer that can be drawn step by step: its path; null where there is none. */
export function unrollable(): string | null {
  const only = onlyNode(useSelection.getState());
  const path = only && useLevel.getState().prefix + only;
  return path && useFacts.getState().nodes[path]?.views.includes("states") ? path : null;
}

/** A recurrent layer that is selected, once for every step; else the whole network, every block open; and back. */
export function toggleUnfolded(): void {
  const { unfolded, unrolled } = useUi.getState();
  const path = unrollable();
  if (unrolled) useUi.setState({ unrolled: "" });
  else if (path && !unfolded) useUi.setState({ unrolled: path });
  else if (unfolded || hasBlocks(currentDocument())) useUi.setState({ unfolded: !unfolded });
}

/** Arranges the open level anew, for the shape of the screen. */
export async function arrange(): Promise<void> {
  if (!allowed()) return;
  const scope = scopeNow();
  const positions = await arranged();
  if (!positions) return;
  edit(move(scope, positions));
  // One may have opened a block meanwhile.
  if (scopeNow() === scope) camera.showPlaces(positions);
}

/** Where the cards of the open level would stand; null where another layout came between. */
export async function arranged(): Promise<Record<string, Point> | null> {
  const document = currentDocument();
  const { scope, prefix } = useLevel.getState();
  const facts = useFacts.getState().nodes;
  const nodes = nodesOf(document, scope);
  const boxes = Object.entries(nodes).map(([id, node]) => {
    const ports = portsOf(document, node, layerOf(node.type));
    const picture = pictured(facts, prefix + id);
    return boxOf(id, ports, picture ? thumbnailHeight(picture.thumbnail) : 0);
  });
  const known = new Map(boxes.map((box) => [box.id, box]));
  const lines = Object.entries(edgesOf(document, scope)).flatMap(([id, edge]) => {
    const [from, to] = [known.get(edge.from), known.get(edge.to)];
    const [out, into] = [outOf(edge), intoOf(edge)];
    const drawn = from?.outputs.some(({ port }) => port === out) && to?.inputs.some(({ port }) => port === into);
    const type = facts[prefix + edge.from]?.outputs[out];
    return drawn ? [{ id, from: edge.from, out, to: edge.to, into, label: type ? chipWidth(chip(type)) : 40 }] : [];
  });
  try {
    return await layout(boxes, lines, camera.room());
  } catch (error) {
    if (error instanceof Cancelled) return null;
    throw error;
  }
}
