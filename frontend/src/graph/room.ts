/** Room for a card that was put between two others: what stands behind it moves on. */
import type { Point } from "./document";
import { snapped } from "./edits";
import { WIDTH } from "./geometry";

/** Between two cards of a row. */
export const GAP = 72;
/** Cards whose tops are nearer than this stand in one row. */
const ROW = 90;

/**
 * New positions so that `ids`, wired in a row from `before` to `after`, overlap nothing: they stand behind `before`, and
 * everything in the row of `after`, from there on, moves to the right as far as need be. Empty where there is room.
 */
export function makeRoom(
  positions: Readonly<Record<string, Point>>,
  ids: readonly string[],
  before: string,
  after: string,
): Record<string, Point> {
  const [from, to] = [positions[before], positions[after]];
  const own = ids.flatMap((id) => positions[id] ?? []);
  if (own.length < ids.length || !from || !to) return {};
  const hits = (a: Point, b: Point) => Math.abs(a.x - b.x) < WIDTH + 24 && Math.abs(a.y - b.y) < ROW + 20;
  if (![...own, to].some((place, at) => hits(place, own[at - 1] ?? from))) return {};
  // Behind a wire that leads back to the left there is a row's end: it begins the next row.
  const back = to.x < from.x + WIDTH;
  const place = back ? { x: to.x, y: to.y } : { x: from.x + WIDTH + GAP, y: to.y };
  const step = WIDTH + GAP;
  const moved: Record<string, Point> = Object.fromEntries(
    ids.map((id, at) => [id, snapped({ x: place.x + at * step, y: place.y })]),
  );
  const push = place.x + ids.length * step - to.x;
  if (push > 0) {
    for (const [other, point] of Object.entries(positions)) {
      if (ids.includes(other) || other === before) continue;
      if (point.x >= to.x - 1 && Math.abs(point.y - to.y) < ROW)
        moved[other] = snapped({ x: point.x + push, y: point.y });
    }
  }
  return moved;
}
