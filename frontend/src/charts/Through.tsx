import { useCallback, useRef, useState } from "react";
import { Canvas } from "./Canvas";
import classes from "./charts.module.css";
import type { Theme } from "./colours";
import * as format from "./format";
import type { Ink } from "./ink";

interface ThroughProps {
  /** How many numbers lie in each bin from −reach to reach. */
  before: ArrayLike<number>;
  after: ArrayLike<number>;
  /** f and f′ in the middle of each bin; empty where there is no curve. */
  curve: ArrayLike<number>;
  slope: ArrayLike<number>;
  reach: number;
  theme: Theme;
  label: string;
  titles: { before: string; after: string };
  describe: (low: string, high: string, before: number, after: number) => string;
}

const [FOOT, HEAD, LABEL] = [16, 16, 11];

export const most = (values: ArrayLike<number>): number => {
  let found = 0;
  for (let at = 0; at < values.length; at++) found = Math.max(found, values[at] as number);
  return found;
};

/** Two histograms over one axis, above what goes in and below what comes out, and over the first f and f′. */
export function Through({ before, after, curve, slope, reach, theme, label, titles, describe }: ThroughProps) {
  const wide = useRef(1);
  const [over, setOver] = useState<number | null>(null);
  const bins = before.length;
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      wide.current = width;
      const tall = (height - FOOT - 2 * HEAD) / 2;
      if (tall < 8 || bins === 0) return;
      const step = width / bins;
      const floors = [HEAD + tall, 2 * HEAD + 2 * tall] as const;
      const bars = (counts: ArrayLike<number>, floor: number, colour: string) => {
        const full = most(counts) || 1;
        context.fillStyle = colour;
        for (let at = 0; at < bins; at++) {
          const count = counts[at] as number;
          if (count > 0) {
            const high = Math.max(1, (count / full) * tall);
            context.fillRect(at * step, floor - high, Math.max(1, step - 0.5), high);
          }
        }
      };
      context.globalAlpha = 0.55;
      bars(before, floors[0], ink.train);
      bars(after, floors[1], ink.validation);
      context.globalAlpha = 1;
      context.strokeStyle = ink.strong;
      context.lineWidth = 1;
      context.beginPath();
      for (const floor of floors) {
        context.moveTo(0, Math.round(floor) + 0.5);
        context.lineTo(width, Math.round(floor) + 0.5);
      }
      context.moveTo(width / 2, HEAD);
      context.lineTo(width / 2, floors[1]);
      context.stroke();
      const extent = Math.max(most(curve), most(slope), most(Array.from(curve, (y) => -y)), 1e-9);
      const line = (values: ArrayLike<number>, colour: string, dash: number[]) => {
        // f and f′ have a height of their own: 0 in the middle where f falls below it, else at the floor.
        const negative = Array.from(curve).some((y) => y < 0);
        const zero = negative ? HEAD + tall / 2 : floors[0];
        const scale = (negative ? tall / 2 : tall) / extent;
        context.strokeStyle = colour;
        context.lineWidth = 1.75;
        context.setLineDash(dash);
        context.beginPath();
        for (let at = 0; at < values.length; at++) {
          const [x, y] = [(at + 0.5) * step, zero - scale * (values[at] as number)];
          if (at === 0) context.moveTo(x, y);
          else context.lineTo(x, y);
        }
        context.stroke();
        context.setLineDash([]);
      };
      if (curve.length === bins) {
        const zero = HEAD + tall / 2;
        if (Array.from(curve).some((y) => y < 0)) {
          context.strokeStyle = ink.line;
          context.beginPath();
          context.moveTo(0, zero);
          context.lineTo(width, zero);
          context.stroke();
        }
        line(slope, ink.dim, [4, 3]);
        line(curve, ink.accent, []);
      }
      context.font = `${LABEL}px ${ink.sans}`;
      context.fillStyle = ink.dim;
      context.textBaseline = "top";
      context.textAlign = "left";
      context.fillText(titles.before, 0, 1);
      context.fillText(titles.after, 0, floors[0] + 3);
      context.font = `${LABEL}px ${ink.mono}`;
      context.textBaseline = "bottom";
      for (const [value, x, align] of [
        [-reach, 0, "left"],
        [0, width / 2, "center"],
        [reach, width, "right"],
      ] as const) {
        context.textAlign = align;
        context.fillText(format.value(value), x, height);
      }
    },
    [before, after, curve, slope, reach, bins, titles],
  );
  const edge = (at: number) => format.value(reach * ((2 * at) / bins - 1));
  return (
    <Canvas
      draw={draw}
      theme={theme}
      label={label}
      onPoint={(point) => {
        const at = point ? Math.floor((point.x / wide.current) * bins) : -1;
        setOver(at >= 0 && at < bins ? at : null);
      }}
    >
      {over !== null && over < bins && (
        <span
          className={classes.tip}
          style={{ left: `${(100 * (over + 0.5)) / bins}%`, top: 0, transform: `translateX(-${(100 * over) / bins}%)` }}
        >
          {describe(edge(over), edge(over + 1), before[over] as number, after[over] as number)}
        </span>
      )}
    </Canvas>
  );
}
