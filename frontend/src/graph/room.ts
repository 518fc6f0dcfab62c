/** Room for a card that was put between two others: what stands behind it moves on. */
import type { Point } from "./document";
import { snapped } from "./edits";
import { WIDTH } from "./geometry";

/** Between two cards of a row. */
export const GAP = 72;
/** Cards whose tops are nearer than this stand in one row. */
const ROW = 90;

/**
 * New positions so that `id`, wired from `before` to `after`, overlaps neither: it stands right behind `before`, and
 * everything in the row of `after`, from there on, moves to the right as far as need be. Empty where there is room.
 */
export function makeRoom(
  positions: Readonly<Record<string, Point>>,
  id: string,
  before: string,
  after: string,
): Record<string, Point> {
  const [own, from, to] = [positions[id], positions[before], positions[after]];
  if (!own || !from || !to) return {};
  const hits = (a: Point, b: Point) => Math.abs(a.x - b.x) < WIDTH + 24 && Math.abs(a.y - b.y) < ROW + 20;
  if (!hits(own, from) && !hits(own, to)) return {};
  // Behind a wire that leads back to the left there is a row's end: it begins the next row.
  const back = to.x < from.x + WIDTH;
  const place = back ? { x: to.x, y: to.y } : { x: from.x + WIDTH + GAP, y: to.y };
  const moved: Record<string, Point> = { [id]: snapped(place) };
  const push = place.x + WIDTH + GAP - to.x;
  if (push > 0) {
    for (const [other, point] of Object.entries(positions)) {
      if (other === id || other === before) continue;
      if (point.x >= to.x - 1 && Math.abs(point.y - to.y) < ROW)
        moved[other] = snapped({ x: point.x + push, y: point.y });
    }
  }
  return moved;
}
