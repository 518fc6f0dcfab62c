/** A long drawing that runs downwards, folded into columns as a newspaper is, so that it is seen as large as can be. */
import type { Point } from "./document";

export interface Placed {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Folded<T extends Placed> {
  width: number;
  height: number;
  boxes: T[];
  wires: Point[][];
}

/** Between a column and what leads past it, and between two wires side by side. */
const LANE = 12;
const APART = 5;
const MOST_COLUMNS = 24;
/** A wire that leads past leaves its row this far below it. */
const OUT = 4;

interface Column {
  top: number;
  bottom: number;
  left: number;
  right: number;
  /** How many wires lead on to later columns. */
  past: number;
}

/** Folds boxes and the wires between them. A wire from one column to a later one leads past the boxes: below its own row
 * to the column's side, under the columns, and in above its end's row. */
export function fold<T extends Placed>(
  boxes: readonly T[],
  wires: readonly (readonly Point[])[],
  screen: { width: number; height: number },
): Folded<T> {
  const rows = rowsOf(boxes);
  if (rows.length === 0) return { width: 0, height: 0, boxes: [], wires: [] };
  let best: Fold | null = null;
  for (let count = 1; count <= Math.min(MOST_COLUMNS, rows.length); count += 1) {
    const made = foldInto(rows, boxes, wires, count);
    const zoom = ({ width, height }: Fold) => Math.min(screen.width / width, screen.height / height);
    if (!best || zoom(made) > zoom(best) * 1.03) best = made;
  }
  return laidOut(boxes, wires, best as Fold);
}

interface Fold {
  rows: readonly [number, number][];
  columns: Column[];
  width: number;
  height: number;
  /** Of the columns' tops. */
  above: number;
}

/** Bands from top to bottom that no box crosses the border of: [top, bottom]. */
function rowsOf(boxes: readonly Placed[]): [number, number][] {
  const rows: [number, number][] = [];
  for (const { y, height } of [...boxes].sort((a, b) => a.y - b.y)) {
    const last = rows.at(-1);
    if (last && y < last[1]) last[1] = Math.max(last[1], y + height);
    else rows.push([y, y + height]);
  }
  return rows;
}

/** The lowest height at which the rows fill no more than `count` columns. */
function cutInto(rows: readonly [number, number][], count: number): [number, number][] {
  const cut = (most: number): [number, number][] => {
    const columns: [number, number][] = [];
    for (const [top, bottom] of rows) {
      const last = columns.at(-1);
      if (last && bottom - last[0] <= most) last[1] = bottom;
      else columns.push([top, bottom]);
    }
    return columns;
  };
  let low = Math.max(...rows.map(([top, bottom]) => bottom - top));
  let high = (rows.at(-1)?.[1] ?? 0) - (rows[0]?.[0] ?? 0);
  for (let i = 0; i < 24 && high - low > 1; i += 1) {
    const middle = (low + high) / 2;
    if (cut(middle).length <= count) high = middle;
    else low = middle;
  }
  return cut(high);
}

function foldInto(
  rows: readonly [number, number][],
  boxes: readonly Placed[],
  wires: readonly (readonly Point[])[],
  count: number,
): Fold {
  const columns = cutInto(rows, count).map(([top, bottom]): Column => {
    const here = boxes.filter((box) => box.y >= top && box.y <= bottom);
    let left = Math.min(...here.map((box) => box.x));
    let right = Math.max(...here.map((box) => box.x + box.width));
    let past = 0;
    for (const wire of wires) {
      const [from, to] = [wire[0]?.y ?? 0, wire.at(-1)?.y ?? 0];
      if (from < top || from > bottom + 1) continue;
      if (to > bottom + 1) past += 1;
      else for (const { x } of wire) [left, right] = [Math.min(left, x), Math.max(right, x)];
    }
    return { top, bottom, left, right, past };
  });
  const lanes = columns.reduce((sum, { past }) => sum + past, 0);
  const above = columns.length > 1 ? LANE + APART * lanes : 0;
  const width = columns.reduce((sum, { left, right }) => sum + right - left + LANE + APART * lanes, 0);
  const height = Math.max(...columns.map(({ top, bottom }) => bottom - top)) + 2 * above;
  return { rows, columns, width, height, above };
}

function laidOut<T extends Placed>(
  boxes: readonly T[],
  wires: readonly (readonly Point[])[],
  { rows, columns, width, height, above }: Fold,
): Folded<T> {
  let x = 0;
  const gap = columns.length > 1 ? above : LANE;
  const shifts = columns.map(({ left, right, top }): Point => {
    const shift = { x: x - left, y: above - top };
    x += right - left + gap;
    return shift;
  });
  const columnAt = (y: number) => {
    const at = columns.findIndex(({ bottom }) => y <= bottom + 1);
    return at < 0 ? columns.length - 1 : at;
  };
  const under = height - above;
  let lane = 0;
  const moved = ({ x, y }: Point, at: number): Point => {
    const shift = shifts[at] as Point;
    return { x: x + shift.x, y: y + shift.y };
  };
  return {
    width,
    height,
    boxes: boxes.map((box) => ({ ...box, ...moved(box, columnAt(box.y)) })),
    wires: wires.map((wire) => {
      const [from, to] = [wire[0] as Point, wire.at(-1) as Point];
      const [first, last] = [columnAt(from.y), columnAt(to.y)];
      if (first >= last) return wire.map((point) => moved(point, first));
      const off = LANE / 2 + APART * lane;
      lane += 1;
      const [start, end] = [moved(from, first), moved(to, last)];
      const below = (rows.find(([top, bottom]) => from.y >= top && from.y <= bottom + 1)?.[1] ?? from.y) + OUT;
      const over = (rows.find(([top, bottom]) => to.y >= top - 1 && to.y <= bottom)?.[0] ?? to.y) - OUT;
      const column = columns[first] as Column;
      const side = column.right + (shifts[first] as Point).x + off;
      const before = (columns[last] as Column).left + (shifts[last] as Point).x - gap + off;
      const ending =
        (columns[last] as Column).top + OUT > over + 2 * OUT ? above - off : over + (shifts[last] as Point).y;
      const lowest = column.bottom - 1 < below - OUT + 1 ? under + off : below + (shifts[first] as Point).y;
      return first + 1 === last && lowest === under + off
        ? [
            start,
            { x: start.x, y: lowest },
            { x: before, y: lowest },
            { x: before, y: ending },
            { x: end.x, y: ending },
            end,
          ]
        : [
            start,
            { x: start.x, y: lowest },
            { x: side, y: lowest },
            { x: side, y: under + off },
            { x: before, y: under + off },
            { x: before, y: ending },
            { x: end.x, y: ending },
            end,
          ];
    }),
  };
}
