/** The sizes of a node's card, in pixels at zoom 1; the style sheet repeats them. */
import type { Box } from "./layout";
import type { Ports } from "./ports";

export const WIDTH = 184;
export const HEAD = 48;
/** A single port stands here, from the top; it does not move when the card grows. */
export const PORT_AT = 24;
/** Several ports on one side stand in rows below the head. */
export const ROW = 20;
const FOOT = 27;
/** Below a live picture. */
const BELOW = 8;

export const rowsOf = ({ inputs, outputs }: Ports): number =>
  Math.max(inputs.length > 1 ? inputs.length : 0, outputs.length > 1 ? outputs.length : 0);

/** From the card's top to the middle of a port. */
export const portTop = (count: number, at: number): number => (count === 1 ? PORT_AT : HEAD + 2 + ROW * at + ROW / 2);

/** Of a card with a live picture of this height (0: none), so that a layout leaves room for it. */
export function boxOf(id: string, ports: Ports, picture: number): Box {
  const { inputs, outputs } = ports;
  return {
    id,
    width: WIDTH,
    height: HEAD + rowsOf(ports) * ROW + FOOT + (picture > 0 ? picture + BELOW : 0),
    inputs: inputs.map(({ name }, at) => ({ port: name, y: portTop(inputs.length, at) })),
    outputs: outputs.map(({ name }, at) => ({ port: name, y: portTop(outputs.length, at) })),
  };
}
