/** A graph of single numbers: values forwards, slopes backwards (notes 0:277-315). No React. */
import { backward, type Role } from "../../explain/arithmetic";

export interface Knot {
  id: string;
  /** An input has nothing before it; relu one, the others two. */
  op: "input" | "relu" | Exclude<Role, "copy">;
  from: readonly string[];
}

export interface Passes {
  value: Record<string, number>;
  /** ∂(last)/∂(this one). */
  slope: Record<string, number>;
}

/** Both passes of a graph whose knots stand in the order in which they can be computed; the last is the output. */
export function passes(knots: readonly Knot[], inputs: Readonly<Record<string, number>>): Passes {
  const value: Record<string, number> = {};
  const slope: Record<string, number> = {};
  const of = (id: string | undefined) => (id === undefined ? 0 : (value[id] ?? 0));
  for (const { id, op, from } of knots) {
    slope[id] = 0;
    if (op === "input") value[id] = inputs[id] ?? 0;
    else if (op === "relu") value[id] = Math.max(0, of(from[0]));
    else value[id] = backward(op, of(from[0]), of(from[1]), 1).value;
  }
  const last = knots[knots.length - 1];
  if (last) slope[last.id] = 1;
  for (const { id, op, from } of [...knots].reverse()) {
    const arrived = slope[id] ?? 0;
    // A slope that arrives on two ways is added up.
    const pass = (to: string | undefined, part: number) => {
      if (to !== undefined) slope[to] = (slope[to] ?? 0) + part;
    };
    if (op === "relu") pass(from[0], of(from[0]) > 0 ? arrived : 0);
    else if (op !== "input") {
      backward(op, of(from[0]), of(from[1]), arrived).gradients.forEach((part, at) => {
        pass(from[at], part);
      });
    }
  }
  return { value, slope };
}
