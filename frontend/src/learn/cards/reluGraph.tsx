import { ByHand, type Placed } from "../ByHand";
import type { Card } from "../card";

const KNOTS: readonly Placed[] = [
  { id: "w", op: "input", from: [], at: [0, 0], sign: "w" },
  { id: "x", op: "input", from: [], at: [0, 1], sign: "x" },
  { id: "b", op: "input", from: [], at: [1, 1.6], sign: "b" },
  { id: "v", op: "multiply", from: ["w", "x"], at: [1, 0.5], sign: "×" },
  { id: "s", op: "add", from: ["v", "b"], at: [2, 0.9], sign: "+" },
  { id: "l", op: "relu", from: ["s"], at: [3, 0.9], sign: "max" },
];
const START = { w: 2, x: 3, b: -4 };

/** C-041; notes 0:304-315. */
const Body = () => <ByHand knots={KNOTS} start={START} />;

export const reluGraph: Card = { id: "relu-graph", shelf: "calculators", boards: ["computation-graph"], Body };
