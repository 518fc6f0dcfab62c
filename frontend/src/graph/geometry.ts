/** The sizes of a node's card, in pixels at zoom 1; the style sheet repeats them. */
import type { Box } from "./layout";
import type { Ports } from "./ports";

export const WIDTH = 184;
export const HEAD = 48;
/** A single port stands here, from the top; it does not move when the card grows. */
export const PORT_AT = 24;
/** A spare output, tucked in below the single one. */
export const SPARE_AT = 41;
/** Several ports on one side stand in rows below the head. */
export const ROW = 20;
const FOOT = 27;
/** Below a live picture. */
const BELOW = 8;

export const rowsOf = ({ inputs, outputs }: Ports): number =>
  Math.max(inputs.length > 1 ? inputs.length : 0, outputs.length > 1 && !isTucked(outputs) ? outputs.length : 0);

/** One output with a spare one: that alone is no reason for rows, which would make every pooling's card taller. */
const isTucked = (outputs: Ports["outputs"]): boolean => outputs.length === 2 && outputs[1]?.spare === true;

/** Whether the outputs stand in rows, with their names. */
export const outputsInRows = (ports: Ports): boolean =>
  ports.outputs.length > 1 && (!isTucked(ports.outputs) || rowsOf(ports) >= ports.outputs.length);

const portTop = (rows: boolean, at: number): number =>
  rows ? HEAD + 2 + ROW * at + ROW / 2 : at > 0 ? SPARE_AT : PORT_AT;

/** From the card's top to the middle of an input. */
export const inputTop = ({ inputs }: Ports, at: number): number => portTop(inputs.length > 1, at);

/** From the card's top to the middle of an output. */
export const outputTop = (ports: Ports, at: number): number => portTop(outputsInRows(ports), at);

/** Of a card with a live picture of this height (0: none), so that a layout leaves room for it. */
export function boxOf(id: string, ports: Ports, picture: number): Box {
  const { inputs, outputs } = ports;
  return {
    id,
    width: WIDTH,
    height: HEAD + rowsOf(ports) * ROW + FOOT + (picture > 0 ? picture + BELOW : 0),
    inputs: inputs.map(({ name }, at) => ({ port: name, y: inputTop(ports, at) })),
    outputs: outputs.map(({ name }, at) => ({ port: name, y: outputTop(ports, at) })),
  };
}
