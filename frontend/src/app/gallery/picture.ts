/**
 * A board's picture from its document: every node a tile in a column, wires between them. The column is how far a node
 * is from the data, so that every board reads from left to right however it was drawn; a long one is folded into rows,
 * as text is.
 */

import { type Document, edgesOf, isWhole, nodesOf, positionsOf } from "../../graph/document";

export interface PictureNode {
  id: string;
  type: string;
  /** Its name in at most two lines. */
  label: string[];
  /** Centre of the tile. */
  x: number;
  y: number;
  /** A block: drawn as a stack; `times` above 1 is written on it. */
  stacked: boolean;
  times: number;
}

export interface Picture {
  width: number;
  height: number;
  nodes: PictureNode[];
  /** SVG path data; `far` wires pass over other nodes and are drawn quietly. */
  wires: { path: string; far: boolean }[];
}

export const TILE = 46;
const COLUMN = 96;
const LANE = 96;
const ROW_GAP = 20;
const MARGIN = 40;
/** Two lines of words below a tile. */
const LABEL = 36;
/** Width to height that a picture comes as near to as its number of columns lets it. */
const SHAPE = 2.9;
/** Letters that fit on a line below a tile. */
const LINE = 13;
/** How far every node is from a source: the longest way, so that wires go to the right. Cycles end somewhere. */
export function depths(ids: readonly string[], wires: readonly { from: string; to: string }[]): Map<string, number> {
  const depth = new Map(ids.map((id) => [id, 0]));
  for (let pass = 0; pass < ids.length; pass++) {
    let moved = false;
    for (const { from, to } of wires) {
      const wanted = (depth.get(from) ?? 0) + 1;
      if (wanted > (depth.get(to) ?? 0) && wanted < ids.length) {
        depth.set(to, wanted);
        moved = true;
      }
    }
    if (!moved) break;
  }
  return depth;
}

/** Rows that bring a board nearest to the wanted shape. */
function foldedInto(columns: number, rowHeight: number): number {
  const badness = (rows: number) =>
    Math.abs(Math.log((Math.ceil(columns / rows) * COLUMN) / (rows * rowHeight) / SHAPE));
  let best = 1;
  for (let rows = 2; rows <= Math.min(6, columns); rows++) if (badness(rows) < badness(best)) best = rows;
  return best;
}

/** A name in one or two lines, the second cut where it is too long. */
export function inLines(name: string): string[] {
  const cut = (text: string) => (text.length > LINE ? `${text.slice(0, LINE - 1).trimEnd()}…` : text);
  if (name.length <= LINE) return [name];
  const space = name.lastIndexOf(" ", LINE);
  return space > 0 ? [name.slice(0, space), cut(name.slice(space + 1))] : [cut(name)];
}

export function drawBoard(document: Document, titles: (type: string) => string | undefined): Picture {
  const nodes = nodesOf(document, "");
  const ids = Object.keys(nodes);
  const wires = Object.values(edgesOf(document, "")).filter((edge) => isWhole(edge, nodes));
  if (ids.length === 0) return { width: 4 * COLUMN, height: 2 * LANE, nodes: [], wires: [] };
  const positions = positionsOf(document);
  const depth = depths(ids, wires);
  const places = new Map<string, [column: number, lane: number]>();
  const taken = new Map<number, number>();
  // Who shares a column stands in it as on the board, from above to below.
  for (const id of [...ids].sort((a, b) => (positions[a]?.y ?? 0) - (positions[b]?.y ?? 0))) {
    const column = depth.get(id) ?? 0;
    const lane = taken.get(column) ?? 0;
    taken.set(column, lane + 1);
    places.set(id, [column, lane]);
  }
  const columns = 1 + Math.max(...depth.values());
  const lanes = Math.max(...taken.values());
  const rowHeight = lanes * LANE + ROW_GAP;
  const rows = foldedInto(columns, rowHeight);
  const across = Math.ceil(columns / rows);

  const at = new Map<string, { x: number; y: number; row: number }>();
  for (const [id, [column, lane]] of places) {
    const row = Math.floor(column / across);
    at.set(id, {
      x: MARGIN + TILE / 2 + (column % across) * COLUMN,
      y: MARGIN + TILE / 2 + row * rowHeight + lane * LANE,
      row,
    });
  }
  return {
    width: 2 * MARGIN + (across - 1) * COLUMN + TILE,
    height: MARGIN + (rows - 1) * rowHeight + (lanes - 1) * LANE + TILE + LABEL + 4,
    nodes: ids.map((id) => {
      const node = nodes[id];
      const { x, y } = at.get(id) as { x: number; y: number };
      const type = node?.type ?? "";
      const block = node?.block ? document.blocks?.[node.block] : undefined;
      return {
        id,
        type,
        label: inLines(node?.name || block?.title || titles(type) || type),
        x,
        y,
        stacked: type === "block",
        times: node?.mode === "repeat" ? (node.times ?? 1) : 1,
      };
    }),
    wires: wires.map(({ from, to }) => {
      const [a, b] = [at.get(from), at.get(to)] as { x: number; y: number; row: number }[];
      const far = Math.abs((depth.get(to) ?? 0) - (depth.get(from) ?? 0)) > 1;
      return { path: a && b ? wire(a, b) : "", far };
    }),
  };
}

/** From the right side of one tile to the left side of another; down between the rows where it goes on below. */
function wire(from: { x: number; y: number; row: number }, to: { x: number; y: number; row: number }): string {
  const [x0, y0, x1, y1] = [from.x + TILE / 2, from.y, to.x - TILE / 2, to.y];
  if (from.row === to.row) {
    const bend = Math.max(14, (x1 - x0) / 2);
    return y0 === y1 && x1 - x0 < COLUMN
      ? `M${x0} ${y0}H${x1}`
      : y0 === y1
        ? `M${x0} ${y0}C${x0 + 30} ${y0 - 50} ${x1 - 30} ${y1 - 50} ${x1} ${y1}`
        : `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`;
  }
  const middle = y1 - TILE / 2 - ROW_GAP / 2;
  const gap = (COLUMN - TILE) / 2;
  const [out, back, r] = [x0 + gap, x1 - gap, 10];
  const down = middle > y0 ? 1 : -1;
  const into = y1 > middle ? 1 : -1;
  return (
    `M${x0} ${y0}H${out - r}q${r} 0 ${r} ${r * down}V${middle - r * down}q0 ${r * down} ${-r} ${r * down}` +
    `H${back + r}q${-r} 0 ${-r} ${r * into}V${y1 - r * into}q0 ${r * into} ${r} ${r * into}H${x1}`
  );
}
