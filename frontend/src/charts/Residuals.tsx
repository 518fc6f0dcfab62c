import { useCallback } from "react";
import { Canvas } from "./Canvas";
import type { Theme } from "./colours";
import * as format from "./format";
import type { Ink } from "./ink";

interface ResidualsProps {
  /** Of each sample, predicted less wanted; and its part. */
  left: Float32Array;
  part: Int32Array;
  theme: Theme;
  label: string;
}

/** Counts of both parts in even bins around 0: [training, validation], and how far they reach to either side. */
export function bins(left: ArrayLike<number>, part: ArrayLike<number>, count: number): [number[], number[], number] {
  let most = 0;
  for (let i = 0; i < left.length; i++) most = Math.max(most, Math.abs(left[i] as number));
  const reach = most || 1;
  const found: [number[], number[]] = [Array<number>(count).fill(0), Array<number>(count).fill(0)];
  for (let i = 0; i < left.length; i++) {
    const at = Math.min(count - 1, Math.floor((((left[i] as number) + reach) / (2 * reach)) * count));
    const row = found[part[i] === 1 ? 1 : 0];
    row[at] = (row[at] as number) + 1;
  }
  return [found[0], found[1], reach];
}

/** How often which error is made: training in full, validation as an outline, each as a share of its part. */
export function Residuals({ left, part, theme, label }: ResidualsProps) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      const count = Math.max(5, Math.min(41, Math.floor(width / 10) | 1));
      const [train, validation, most] = bins(left, part, count);
      const share = (row: number[]) => {
        const all = row.reduce((sum, each) => sum + each, 0) || 1;
        return row.map((each) => each / all);
      };
      const [full, ring] = [share(train), share(validation)];
      const top = Math.max(...full, ...ring) || 1;
      const foot = height - 16;
      const each = width / count;
      context.fillStyle = ink.train;
      full.forEach((value, i) => {
        const tall = (value / top) * (foot - 4);
        context.fillRect(i * each + 0.5, foot - tall, each - 1, tall);
      });
      context.strokeStyle = ink.validation;
      context.lineWidth = 1.5;
      context.beginPath();
      ring.forEach((value, i) => {
        const y = foot - (value / top) * (foot - 4);
        context.lineTo(i * each, y);
        context.lineTo((i + 1) * each, y);
      });
      context.stroke();
      context.strokeStyle = ink.strong;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(0, foot + 0.5);
      context.lineTo(width, foot + 0.5);
      context.moveTo(Math.round(width / 2) + 0.5, 2);
      context.lineTo(Math.round(width / 2) + 0.5, foot);
      context.stroke();
      context.font = `10px ${ink.mono}`;
      context.fillStyle = ink.dim;
      context.textBaseline = "top";
      for (const [value, align, x] of [
        [-most, "left", 0],
        [0, "center", width / 2],
        [most, "right", width],
      ] as const) {
        context.textAlign = align;
        context.fillText(format.value(value), x, foot + 4);
      }
    },
    [left, part],
  );
  return <Canvas draw={draw} theme={theme} label={label} />;
}
