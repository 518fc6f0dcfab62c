/**
 * The ways of wires across a board: a soft curve where nothing stands in between, else around the cards in the gaps
 * between them; and a place for every wire's chip where it hides nothing.
 */
import type { Point } from "./document";

export interface Card {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Line {
  id: string;
  source: string;
  target: string;
  from: Point;
  to: Point;
  /** How wide its chip is; 0 where it has none. */
  chip: number;
}

export interface Way {
  /** An SVG path. */
  d: string;
  /** The middle of its chip. */
  label: Point;
}

/** How far a wire leads straight out of a port before it turns. */
const STUB = 22;
/** Room between a wire and the cards that it passes. */
const CLEAR = 16;
const ROUND = 12;
const CHIP_HEIGHT = 20;
/** Parallel wires keep this apart. */
const APART = 14;

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const boxOf = ({ x, y, width, height }: Card, by: number): Box => ({
  left: x - by,
  top: y - by,
  right: x + width + by,
  bottom: y + height + by,
});

const overlaps = (a: Box, b: Box): boolean =>
  a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;

/** Control points of the soft curve from an output to an input on its right. */
function curve({ from, to }: Line): [Point, Point] {
  const dx = to.x - from.x;
  const reach = Math.max(dx / 2, Math.min(40, Math.abs(to.y - from.y) / 2));
  return [
    { x: from.x + reach, y: from.y },
    { x: to.x - reach, y: to.y },
  ];
}

function onCurve(line: Line, t: number): Point {
  const [a, b] = curve(line);
  const s = 1 - t;
  const mix = (p: number, q: number, r: number, e: number) =>
    s * s * s * p + 3 * s * s * t * q + 3 * s * t * t * r + t * t * t * e;
  return { x: mix(line.from.x, a.x, b.x, line.to.x), y: mix(line.from.y, a.y, b.y, line.to.y) };
}

function curveIsFree(line: Line, boxes: readonly Box[]): boolean {
  const around: Box = {
    left: line.from.x,
    right: line.to.x,
    top: Math.min(line.from.y, line.to.y) - 1,
    bottom: Math.max(line.from.y, line.to.y) + 1,
  };
  const near = boxes.filter((box) => overlaps(box, around));
  if (near.length === 0) return true;
  for (let step = 1; step < 32; step += 1) {
    const { x, y } = onCurve(line, step / 32);
    if (near.some((box) => x > box.left && x < box.right && y > box.top && y < box.bottom)) return false;
  }
  return true;
}

/** Straight lines with rounded corners through the points. */
export function rounded(points: readonly Point[]): string {
  const [first] = points;
  if (!first) return "";
  let d = `M${first.x},${first.y}`;
  for (let at = 1; at < points.length; at += 1) {
    const before = points[at - 1] as Point;
    const here = points[at] as Point;
    const next = points[at + 1];
    if (!next) return `${d}L${here.x},${here.y}`;
    const into = Math.hypot(here.x - before.x, here.y - before.y);
    const out = Math.hypot(next.x - here.x, next.y - here.y);
    const radius = Math.min(ROUND, into / 2, out / 2);
    const toward = (other: Point, length: number): string => {
      const share = length > 0 ? radius / length : 0;
      return `${here.x + (other.x - here.x) * share},${here.y + (other.y - here.y) * share}`;
    };
    d += `L${toward(before, into)}Q${here.x},${here.y} ${toward(next, out)}`;
  }
  return d;
}

/** Stretches that wires already take. */
interface Taken {
  across: { y: number; left: number; right: number }[];
  upright: { x: number; top: number; bottom: number }[];
}

/** Room between two upright stretches. */
const BESIDE = 8;

/** The column nearest to a port that no other wire takes at this height. */
function column(x: number, step: number, a: number, b: number, { upright }: Taken): number {
  const [top, bottom] = [Math.min(a, b), Math.max(a, b)];
  for (let shift = 0; shift <= 3; shift += 1) {
    const at = x + step * shift;
    const free = upright.every(
      (line) => Math.abs(line.x - at) >= BESIDE - 1 || line.bottom <= top + 2 || line.top >= bottom - 2,
    );
    if (free) return at;
  }
  return x;
}

const segment = (a: Point, b: Point): Box => ({
  left: Math.min(a.x, b.x),
  right: Math.max(a.x, b.x),
  top: Math.min(a.y, b.y),
  bottom: Math.max(a.y, b.y),
});

/** Around the cards: out, to a free lane, along it, to the input. */
function detour(line: Line, boxes: readonly Box[], taken: Taken): Point[] {
  const { from, to } = line;
  const right = from.x + STUB;
  const left = to.x - STUB;
  const span = { left: Math.min(right, left), right: Math.max(right, left) };
  const across = boxes.filter((box) => box.left < span.right + STUB && box.right > span.left - STUB);
  const levels = new Set<number>([from.y, to.y]);
  for (const box of across) {
    levels.add(box.top - CLEAR / 2);
    levels.add(box.bottom + CLEAR / 2);
  }
  let best: { y: number; cost: number } = { y: (from.y + to.y) / 2, cost: Number.POSITIVE_INFINITY };
  for (const level of levels) {
    for (const shift of [0, APART, -APART, 2 * APART, -2 * APART]) {
      const y = level + shift;
      const length = Math.abs(y - from.y) + Math.abs(y - to.y) + Math.abs(shift) / 4;
      if (length >= best.cost) continue;
      const ways = [
        segment({ x: right, y: from.y }, { x: right, y }),
        segment({ x: right, y }, { x: left, y }),
        segment({ x: left, y }, { x: left, y: to.y }),
      ];
      const hits = across.filter((box) => ways.some((way) => overlaps(box, way))).length;
      const shared = taken.across.filter(
        (lane) => Math.abs(lane.y - y) < APART - 1 && lane.left < span.right && lane.right > span.left,
      ).length;
      const cost = length + hits * 4000 + shared * 400;
      if (cost < best.cost) best = { y, cost };
    }
  }
  const { y } = best;
  const out = column(right, BESIDE, from.y, y, taken);
  const into = column(left, -BESIDE, y, to.y, taken);
  taken.across.push({ y, ...span });
  taken.upright.push({ x: out, top: Math.min(from.y, y), bottom: Math.max(from.y, y) });
  taken.upright.push({ x: into, top: Math.min(to.y, y), bottom: Math.max(to.y, y) });
  return [from, { x: out, y: from.y }, { x: out, y }, { x: into, y }, { x: into, y: to.y }, to];
}

/** Where along a way its chip may stand, best first. */
const SHARES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78];

function places(line: Line, points: readonly Point[] | null): Point[] {
  if (points) {
    const [, , a, b] = points as [Point, Point, Point, Point];
    return SHARES.map((t) => ({ x: a.x + (b.x - a.x) * t, y: a.y }));
  }
  const along = SHARES.map((t) => onCurve(line, t));
  const level = Math.abs(line.to.y - line.from.y) < 12;
  if (!level || line.to.x - line.from.x >= line.chip + 24) return along;
  const [middle] = along as [Point];
  return [{ x: middle.x, y: middle.y - 17 }, ...along];
}

/** The ways of all wires of a level. Cards that move are given where they are. */
export function wires(lines: readonly Line[], cards: readonly Card[]): Map<string, Way> {
  const close = new Map(cards.map((card) => [card.id, boxOf(card, CLEAR / 2)]));
  const exact = cards.map((card) => boxOf(card, 0));
  const taken: Taken = { across: [], upright: [] };
  const chips: Box[] = [];
  const ways = new Map<string, Way>();
  const length = ({ from, to }: Line) => Math.abs(to.x - from.x) + Math.abs(to.y - from.y);
  for (const line of [...lines].sort((a, b) => length(a) - length(b))) {
    const between: Box[] = [];
    for (const [id, box] of close) if (id !== line.source && id !== line.target) between.push(box);
    const forward = line.to.x - line.from.x >= STUB;
    let points: Point[] | null = null;
    if (!forward || !curveIsFree(line, between)) {
      const own = [close.get(line.source), close.get(line.target)].filter((box) => box !== undefined);
      points = detour(line, [...between, ...own.map(shrunk)], taken);
    }
    const label = chipPlace(places(line, points), line.chip, chips, exact);
    const [a, b] = curve(line);
    const d = points
      ? rounded(points)
      : `M${line.from.x},${line.from.y}C${a.x},${a.y} ${b.x},${b.y} ${line.to.x},${line.to.y}`;
    ways.set(line.id, { d, label });
  }
  return ways;
}

/** A wire's own cards stand in its way too, but it may leave them closely. */
const shrunk = ({ left, top, right, bottom }: Box): Box => ({
  left: left + CLEAR / 2,
  top,
  right: right - CLEAR / 2,
  bottom,
});

function chipPlace(candidates: readonly Point[], width: number, chips: Box[], cards: readonly Box[]): Point {
  const boxAt = ({ x, y }: Point): Box => ({
    left: x - width / 2 - 2,
    right: x + width / 2 + 2,
    top: y - CHIP_HEIGHT / 2,
    bottom: y + CHIP_HEIGHT / 2,
  });
  let best = candidates[0] as Point;
  if (width === 0) return best;
  let least = Number.POSITIVE_INFINITY;
  for (const [rank, point] of candidates.entries()) {
    const box = boxAt(point);
    const inside = { left: box.left + CLEAR, right: box.right - CLEAR, top: box.top + 9, bottom: box.bottom - 9 };
    let cost = rank;
    for (const chip of chips) if (overlaps(chip, box)) cost += 100;
    for (const card of cards) if (overlaps(card, inside)) cost += 30;
    if (cost < least) {
      least = cost;
      best = point;
    }
  }
  chips.push(boxAt(best));
  return best;
}
