/** The way of a wire across the board. */
import type { Point } from "../graph/document";

export interface Way {
  d: string;
  /** Where its chip stands. */
  label: Point;
}

const STUB = 22;
const ROUND = 14;

/** Straight lines with rounded corners through the points. */
function rounded(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let d = `M${first.x},${first.y}`;
  for (let at = 0; at < rest.length; at += 1) {
    const here = rest[at] as Point;
    const next = rest[at + 1];
    const before = points[at] as Point;
    if (!next) {
      d += `L${here.x},${here.y}`;
      break;
    }
    const into = Math.hypot(here.x - before.x, here.y - before.y);
    const out = Math.hypot(next.x - here.x, next.y - here.y);
    const radius = Math.min(ROUND, into / 2, out / 2);
    const near = (to: Point, length: number) => ({
      x: here.x + ((to.x - here.x) / (length || 1)) * radius,
      y: here.y + ((to.y - here.y) / (length || 1)) * radius,
    });
    const from = near(before, into);
    const to = near(next, out);
    d += `L${from.x},${from.y}Q${here.x},${here.y} ${to.x},${to.y}`;
  }
  return d;
}

/**
 * Forward a soft curve; back to the left (the next row of a long chain) around, through the gap between the rows, given
 * as the bottom of the upper card and the top of the lower one.
 */
export function wireWay(from: Point, to: Point, below: { from: number; to: number }, chip = 0): Way {
  const dx = to.x - from.x;
  if (dx >= STUB) {
    const reach = Math.max(dx / 2, Math.min(40, Math.abs(to.y - from.y) / 2));
    const d = `M${from.x},${from.y}C${from.x + reach},${from.y} ${to.x - reach},${to.y} ${to.x},${to.y}`;
    const tight = dx < chip + 20;
    const level = Math.abs(to.y - from.y) < 12;
    return { d, label: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - (tight && level ? 17 : 0) } };
  }
  const gap = to.y > from.y ? { top: from.y + below.from, bottom: to.y } : { top: to.y + below.to, bottom: from.y };
  const between = gap.bottom - gap.top > 24;
  // Just above the lower row's cards: there the gap is clear even where cards of the upper row are tall.
  const y = between
    ? gap.bottom - Math.min(52, (gap.bottom - gap.top) / 2)
    : Math.max(from.y, to.y) + Math.max(below.from, below.to) + 24;
  const right = from.x + STUB;
  const left = to.x - STUB;
  const d = rounded([from, { x: right, y: from.y }, { x: right, y }, { x: left, y }, { x: left, y: to.y }, to]);
  return { d, label: { x: (left + right) / 2, y } };
}
