import { useCallback, useRef, useState } from "react";
import { Canvas } from "./Canvas";
import classes from "./charts.module.css";
import type { Theme } from "./colours";
import * as format from "./format";
import type { Ink } from "./ink";

interface PairsProps {
  /** Drawn as a dot, and as a bar across: one of each a column. Dots may be missing. */
  dots: ArrayLike<number>;
  bars: ArrayLike<number>;
  theme: Theme;
  label: string;
  title: string;
  describe: (index: number) => string;
}

const [LEFT, TOP, FOOT, LABEL] = [46, 20, 18, 11];

/** The least and the most to be drawn: all that is there, and zero. */
export function extentOf(...series: ArrayLike<number>[]): [number, number] {
  let [low, high] = [0, 0];
  for (const values of series) {
    for (let at = 0; at < values.length; at++) {
      low = Math.min(low, values[at] as number);
      high = Math.max(high, values[at] as number);
    }
  }
  return low === high ? [low, low + 1] : [low, high];
}

/** Two numbers a column, to be compared: a dot, and a bar across, joined by a line. */
export function Pairs({ dots, bars, theme, label, title, describe }: PairsProps) {
  const step = useRef(1);
  const [over, setOver] = useState<number | null>(null);
  const count = bars.length;
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      const [low, high] = extentOf(dots, bars);
      const tall = height - TOP - FOOT;
      if (tall < 10 || count === 0) return;
      const each = Math.min(56, (width - LEFT - 8) / count);
      step.current = each;
      const down = (value: number) => TOP + (1 - (value - low) / (high - low)) * tall;
      context.font = `600 12px ${ink.sans}`;
      context.fillStyle = ink.text;
      context.textBaseline = "top";
      context.textAlign = "left";
      context.fillText(title, 0, 0);
      context.font = `${LABEL}px ${ink.mono}`;
      context.fillStyle = ink.dim;
      context.textAlign = "right";
      context.textBaseline = "middle";
      context.lineWidth = 1;
      const marks = low < 0 && high > 0 && tall > 44 ? [low, 0, high] : [low, high];
      for (const value of marks) {
        const y = Math.round(down(value)) + 0.5;
        context.strokeStyle = value === 0 ? ink.strong : ink.line;
        context.beginPath();
        context.moveTo(LEFT, y);
        context.lineTo(LEFT + each * count, y);
        context.stroke();
        const near = value !== 0 && Math.abs(down(value) - down(0)) < LABEL;
        if (!near || marks.length === 2) context.fillText(format.value(value), LEFT - 5, y);
      }
      for (let at = 0; at < count; at++) {
        const x = LEFT + (at + 0.5) * each;
        const bar = down(bars[at] as number);
        const half = Math.max(1.5, Math.min(12, each * 0.36));
        if (at < dots.length) {
          const dot = down(dots[at] as number);
          context.strokeStyle = ink.faint;
          context.lineWidth = 1;
          context.beginPath();
          context.moveTo(x, bar);
          context.lineTo(x, dot);
          context.stroke();
          context.fillStyle = ink.validation;
          context.beginPath();
          context.arc(x, dot, Math.max(1.5, Math.min(3.5, each * 0.28)), 0, 2 * Math.PI);
          context.fill();
        }
        context.fillStyle = ink.train;
        context.fillRect(x - half, bar - 1.5, 2 * half, 3);
      }
      context.fillStyle = ink.dim;
      context.textAlign = "center";
      const skip = Math.max(1, Math.ceil(26 / each));
      for (let at = 0; at < count; at += skip) {
        context.fillText(String(at + 1), LEFT + (at + 0.5) * each, height - LABEL / 2 - 1);
      }
    },
    [dots, bars, count, title],
  );
  return (
    <Canvas
      draw={draw}
      theme={theme}
      label={label}
      onPoint={(point) => {
        const at = point ? Math.floor((point.x - LEFT) / step.current) : -1;
        setOver(at >= 0 && at < count ? at : null);
      }}
    >
      {over !== null && over < count && (
        <span
          className={classes.tip}
          style={{
            left: LEFT + (over + 0.5) * step.current,
            top: 0,
            transform: `translateX(-${(100 * (over + 0.5)) / count}%)`,
          }}
        >
          {describe(over)}
        </span>
      )}
    </Canvas>
  );
}
