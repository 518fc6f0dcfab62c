/** A network as a row of sizes: how high, how deep, how many numbers after each layer (V-048). No React. */
import { parseType } from "../../graph/shape";

export interface Size {
  id: string;
  type: string;
  channels: number;
  /** Height of a map; 1 of a vector. */
  side: number;
  numbers: number;
}

interface Facts {
  type: string;
  outputs: Readonly<Record<string, string>>;
}

/** Sizes of what nodes put out, in their order; one that leaves the size as it was is left out. */
export function funnel(nodes: Readonly<Record<string, Facts>>): Size[] {
  const found: Size[] = [];
  for (const [id, { type, outputs }] of Object.entries(nodes)) {
    const shape = Object.values(outputs)
      .map(parseType)
      .find((each) => each?.element === "float" && each.axes.length > 0);
    if (!shape) continue;
    const [channels = 1, side = 1] = shape.axes.map(({ size }) => size);
    const numbers = shape.axes.reduce((all, { size }) => all * size, 1);
    const last = found[found.length - 1];
    if (last && last.channels === channels && last.side === side && last.numbers === numbers) continue;
    found.push({ id, type, channels, side: shape.axes.length > 1 ? side : 1, numbers });
  }
  return found;
}
