import { useCallback } from "react";
import { Canvas } from "./Canvas";
import type { Theme } from "./colours";
import { jitter } from "./jitter";

export interface Strip {
  name: string;
  /** What stands at its end. */
  text: string;
  values: ArrayLike<number>;
  mean: number;
  spread: number;
  /** What is said without any chance; drawn as a ring. */
  plain?: number;
  lit?: boolean;
}

interface StripsProps {
  strips: readonly Strip[];
  low: number;
  high: number;
  theme: Theme;
  label: string;
}

const TEXT = 11.5;
const [TALLEST, LEAST] = [26, 14];

/**
 * A strip a row, every value a dot on it; behind the dots one standard deviation to either side of the mean. Where
 * there is no room for all strips, the first ones are drawn.
 */
export function Strips({ strips, low, high, theme, label }: StripsProps) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Parameters<typeof paint>[3]) =>
      paint(context, width, height, ink, strips, low, high),
    [strips, low, high],
  );
  return <Canvas draw={draw} theme={theme} label={label} testId="strips" />;
}

function paint(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ink: Record<"text" | "dim" | "sunken" | "line" | "strong" | "train" | "validation" | "mono", string>,
  strips: readonly Strip[],
  low: number,
  high: number,
) {
  const some = strips.slice(0, Math.max(1, Math.floor(height / LEAST)));
  const step = Math.min(TALLEST, height / Math.max(1, some.length));
  const size = Math.min(TEXT, step - 1);
  context.font = `${size}px ${ink.mono}`;
  const lead = Math.min(width / 3, 8 + Math.max(...some.map(({ name }) => context.measureText(name).width)));
  const tail = Math.min(width / 2.5, 8 + Math.max(...some.map(({ text }) => context.measureText(text).width)));
  const room = Math.max(1, width - lead - tail);
  const range = high > low ? high - low : 1;
  const at = (value: number) => lead + (Math.min(1, Math.max(0, (value - low) / range)) || 0) * room;
  context.textBaseline = "middle";
  some.forEach((strip, row) => {
    const middle = (row + 0.5) * step;
    const tall = step - (step > 14 ? 5 : 2);
    context.fillStyle = ink.sunken;
    context.fillRect(lead, middle - tall / 2, room, tall);
    const colour = strip.lit ? ink.validation : ink.strong;
    context.fillStyle = colour;
    context.globalAlpha = 0.28;
    const [from, to] = [at(strip.mean - strip.spread), at(strip.mean + strip.spread)];
    context.fillRect(from, middle - tall / 2, Math.max(1, to - from), tall);
    context.globalAlpha = Math.max(0.25, Math.min(0.9, 25 / Math.max(1, strip.values.length)));
    context.fillStyle = strip.lit ? ink.validation : ink.dim;
    for (let each = 0; each < strip.values.length; each++) {
      const up = (jitter(each) - 0.5) * (tall - 4);
      context.fillRect(at(strip.values[each] as number) - 1, middle + up - 1, 2, 2);
    }
    context.globalAlpha = 1;
    context.fillStyle = ink.text;
    context.fillRect(at(strip.mean) - 1, middle - tall / 2, 2, tall);
    if (strip.plain !== undefined) {
      context.strokeStyle = ink.text;
      context.beginPath();
      context.arc(at(strip.plain), middle, Math.min(4, tall / 2 - 1), 0, 2 * Math.PI);
      context.stroke();
    }
    context.fillStyle = strip.lit ? ink.text : ink.dim;
    context.font = `${strip.lit ? "600 " : ""}${size}px ${ink.mono}`;
    context.textAlign = "left";
    context.fillText(strip.name, 0, middle, lead - 6);
    context.textAlign = "right";
    context.fillText(strip.text, width, middle, tail - 6);
  });
}
