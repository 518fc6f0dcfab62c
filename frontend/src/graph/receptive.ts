/** Which pixels of the board's input one unit sees, as the facts tell it. */
import type { ReceptiveField } from "../wire/types";

/**
 * What a unit sees along an axis, as (from, to) on the input, ends included; it may reach over the borders, and a unit that
 * sees nothing has its end before its beginning. Null where it cannot be told where the windows lie.
 */
export function seen(field: ReceptiveField, axis: 0 | 1, unit: number): [number, number] | null {
  if (!field.start) return null;
  const every = field.every[axis];
  const moved = Math.floor(unit / every) * field.stride[axis];
  const window = field.windows[axis][unit % every];
  if (window) return [window[0] + moved, window[1] + moved];
  const from = moved + field.start[axis];
  return [from, from + field.size[axis] - 1];
}

/** How far the windows of two neighbours are apart: `2`, or `1/2` where two units share a pixel of the input. */
export function stepOf(field: ReceptiveField, axis: 0 | 1): string {
  const [step, every] = [field.stride[axis], field.every[axis]];
  return step % every === 0 ? String(step / every) : `${step}/${every}`;
}
