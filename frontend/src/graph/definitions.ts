/** Definitions of blocks that come from another board, or from the library: which of them are here already. */
import type { Edit } from "../wire/types";
import { set } from "./apply";
import {
  type Block,
  type Document,
  type GraphNode,
  intoOf,
  type Json,
  outOf,
  type Point,
  positionKey,
} from "./document";
import { freeId } from "./ids";

type Blocks = Readonly<Record<string, Block>>;

export const renamed = (node: GraphNode, blocks: ReadonlyMap<string, string>): GraphNode =>
  node.block ? { ...node, block: blocks.get(node.block) ?? node.block } : node;

/** What a person calls a block, without the number that tells it from another of that name. */
const calledAs = (name: string, { title }: Block): string =>
  (title || name.replace(/_\d+[a-z]{0,2}$/, "")).replace(/ \d+$/, "");

/** JSON text that does not depend on the order of keys. */
function ordered(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(ordered).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${ordered(value[key] as Json)}`).join()}}`;
}

/** What a block does, as text: the same for two with the same inside, whatever they and the blocks in them are named. */
function contents(blocks: Blocks): (name: string) => string {
  const known = new Map<string, string>();
  const of = (name: string): string => {
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, `circle ${name}`); // a block in itself is no block that can be computed
    const { nodes = {}, edges = {}, exposed = {} } = blocks[name] ?? {};
    const plain = {
      nodes: Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, bare(node, of)])),
      wires: Object.values(edges)
        .map((edge) => [edge.from, outOf(edge), edge.to, intoOf(edge), edge.order ?? ""].join(" "))
        .sort(),
      exposed: Object.fromEntries(
        Object.entries(exposed).map(([id, { title = "", others = [], ...rest }]) => [id, { title, others, ...rest }]),
      ),
    };
    const text = ordered(plain as unknown as Json);
    known.set(name, text);
    return text;
  };
  return of;
}

/** A node without what is said by leaving it out. */
function bare(node: GraphNode, of: (block: string) => string): Json {
  const { type, fields = {}, name = "", trainable = true, weights = "", block = "", mode = "once", times = 1 } = node;
  const inside = block && of(block);
  return { type, fields, name, trainable, weights, inside, mode, times, ablation: node.ablation ?? "" };
}

/**
 * How the blocks of a piece are named on this board; what is not here yet is put into `edits`.
 *
 * A block is here if one of the same name does the same, under whatever id: pasted again, it is the same block, and
 * follows its changes. One of the same name that does something else is left alone: what comes is numbered, so that the
 * two are told apart. One that does the same under another name is another block, which somebody may change by itself.
 */
export function bringBlocks(
  document: Document,
  piece: { blocks: Blocks; positions: Readonly<Record<string, Point>> },
  edits: Edit[],
  mark: string,
): Map<string, string> {
  const here = document.blocks ?? {};
  const [hereOf, thereOf] = [contents(here), contents(piece.blocks)];
  const names = new Map<string, string>();
  const titles = new Map<string, string>();
  const taken = new Set(Object.keys(here));
  const called = new Set(Object.entries(here).map(([name, block]) => block.title || name));
  for (const [name, block] of Object.entries(piece.blocks)) {
    const known = [name, ...Object.keys(here)].find(
      (each) => here[each] && calledAs(each, here[each]) === calledAs(name, block) && hereOf(each) === thereOf(name),
    );
    if (known !== undefined) {
      names.set(name, known);
      continue;
    }
    const id = freeId(name, (other) => taken.has(other), mark);
    const title = block.title ? numbered(block.title, called) : "";
    taken.add(id);
    called.add(title || id);
    names.set(name, id);
    titles.set(name, title);
  }
  for (const [name, title] of titles) {
    const block = piece.blocks[name] ?? {};
    const id = names.get(name) ?? name;
    const nodes = Object.fromEntries(
      Object.entries(block.nodes ?? {}).map(([inner, node]) => [inner, { fields: {}, ...renamed(node, names) }]),
    );
    edits.push(set(["blocks", id], { edges: {}, exposed: {}, ...block, ...(title && { title }), nodes }));
    for (const inner of Object.keys(nodes)) {
      const point = piece.positions[positionKey(name, inner)];
      if (point) edits.push(set(["drawing", "positions", positionKey(id, inner)], point));
    }
  }
  return names;
}

/** A title that no other block has: `Residual`, `Residual 2`, … */
function numbered(title: string, taken: ReadonlySet<string>): string {
  if (!taken.has(title)) return title;
  const stem = title.replace(/ \d+$/, "");
  for (let count = 2; ; count += 1) if (!taken.has(`${stem} ${count}`)) return `${stem} ${count}`;
}
