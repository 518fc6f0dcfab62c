import { ByHand, type Placed } from "../ByHand";
import type { Card } from "../card";

const KNOTS: readonly Placed[] = [
  { id: "x", op: "input", from: [], at: [0, 0], sign: "x" },
  { id: "y", op: "input", from: [], at: [0, 1], sign: "y" },
  { id: "z", op: "input", from: [], at: [0, 2], sign: "z" },
  { id: "v", op: "add", from: ["y", "z"], at: [1, 1.5], sign: "+" },
  { id: "f", op: "multiply", from: ["x", "v"], at: [2, 0.75], sign: "×" },
];
const START = { x: 2, y: 1, z: 0 };

/** C-040, V-005; notes 0:283-303. */
const Body = () => <ByHand knots={KNOTS} start={START} />;

export const graph: Card = { id: "graph", shelf: "calculators", boards: ["computation-graph"], Body };
