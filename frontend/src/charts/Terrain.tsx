import { useCallback, useMemo, useState } from "react";
import { colourise, onto } from "./bitmap";
import { Canvas } from "./Canvas";
import { INTENSITY, type Theme } from "./colours";
import { contour } from "./contour";
import * as format from "./format";
import type { Ink } from "./ink";
import { ticks } from "./Plane";

export interface Axis {
  name: string;
  low: number;
  high: number;
}

interface TerrainProps {
  /** [S, S], row 0 the largest of the second weight; or [S] over one weight. */
  loss: Float32Array;
  side: number;
  /** [N, 1 or 2], the newest last. */
  path: Float32Array;
  axes: readonly Axis[];
  theme: Theme;
  label: string;
}

const LEVELS = 9;
const ROOM = { left: 46, right: 8, top: 8, bottom: 32 };

/**
 * Losses from 0 (the least) to 1 (the most), each as high as how many lie below it: a valley shows its shape however
 * high the walls are.
 */
export function heights(loss: Float32Array): Float32Array {
  const sorted = Float32Array.from(loss).sort();
  const last = Math.max(1, sorted.length - 1);
  return loss.map((value) => {
    let [low, high] = [0, sorted.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low / last;
  });
}

/** The loss over one weight as a line, over two as a map with lines of equal loss; and the way of the run. */
export function Terrain({ loss, side, path, axes, theme, label }: TerrainProps) {
  const [scratch] = useState(() => document.createElement("canvas"));
  const height = useMemo(() => heights(loss), [loss]);
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, tall: number, ink: Ink) => {
      const [across, up] = axes;
      const [w, h] = [width - ROOM.left - ROOM.right, tall - ROOM.top - ROOM.bottom];
      if (!across || w < 20 || h < 20) return;
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const value of loss) [least, most] = [Math.min(least, value), Math.max(most, value)];
      const room = 0.08 * (most - least) || 0.5;
      const vertical = up ?? { low: least - room, high: most + room };
      const toX = (x: number) => ROOM.left + ((x - across.low) / (across.high - across.low)) * w;
      const toY = (y: number) => ROOM.top + ((vertical.high - y) / (vertical.high - vertical.low)) * h;
      context.save();
      context.beginPath();
      context.roundRect(ROOM.left, ROOM.top, w, h, 4);
      context.clip();
      context.fillStyle = ink.sunken;
      context.fillRect(ROOM.left, ROOM.top, w, h);
      const points: [number, number][] = [];
      if (up) {
        const bytes = Uint8Array.from(height, (each) => Math.round(255 * (1 - each)));
        context.imageSmoothingEnabled = true;
        context.imageSmoothingQuality = "high";
        // Losses stand in the middle of the picture's cells: half a cell lies beyond the axes on each side.
        const [cw, ch] = [w / (side - 1), h / (side - 1)];
        const image = onto(scratch, colourise(bytes, side, side, INTENSITY[theme]));
        context.drawImage(image, ROOM.left - cw / 2, ROOM.top - ch / 2, w + cw, h + ch);
        context.strokeStyle = ink.dim;
        context.globalAlpha = 0.5;
        context.lineWidth = 0.8;
        context.beginPath();
        for (let level = 1; level <= LEVELS; level++) {
          const field = (column: number, row: number) => height[row * side + column] as number;
          const lines = contour(field, side, level / (LEVELS + 1));
          for (let at = 0; at < lines.length; at += 4) {
            context.moveTo(ROOM.left + (lines[at] as number) * cw, ROOM.top + (lines[at + 1] as number) * ch);
            context.lineTo(ROOM.left + (lines[at + 2] as number) * cw, ROOM.top + (lines[at + 3] as number) * ch);
          }
        }
        context.stroke();
        context.globalAlpha = 1;
        for (let at = 0; at < path.length; at += 2) points.push([toX(path[at] as number), toY(path[at + 1] as number)]);
      } else {
        const at = (x: number) => {
          const place = ((x - across.low) / (across.high - across.low)) * (side - 1);
          const left = Math.max(0, Math.min(side - 2, Math.floor(place)));
          const [a, b] = [loss[left] as number, loss[left + 1] as number];
          return a + (b - a) * (place - left);
        };
        context.strokeStyle = ink.train;
        context.lineWidth = 2;
        context.beginPath();
        for (let place = 0; place < side; place++) {
          const x = ROOM.left + (place / (side - 1)) * w;
          if (place === 0) context.moveTo(x, toY(loss[place] as number));
          else context.lineTo(x, toY(loss[place] as number));
        }
        context.stroke();
        for (const x of path) points.push([toX(x), toY(at(x))]);
      }
      way(context, points, ink);
      context.restore();
      context.fillStyle = ink.dim;
      context.font = `10px ${ink.mono}`;
      context.textAlign = "center";
      context.textBaseline = "top";
      const [bottom, right] = [ROOM.top + h, ROOM.left + w];
      for (const tick of ticks(across.low, across.high, w / 70)) {
        if (toX(tick) > ROOM.left + 8 && toX(tick) < right - 8) context.fillText(text(tick), toX(tick), bottom + 4);
      }
      context.textAlign = "right";
      context.textBaseline = "middle";
      for (const tick of ticks(vertical.low, vertical.high, h / 36)) {
        if (toY(tick) > ROOM.top + 4 && toY(tick) < bottom - 4) context.fillText(text(tick), ROOM.left - 5, toY(tick));
      }
      context.font = `11px ${ink.sans}`;
      context.textAlign = "center";
      context.textBaseline = "bottom";
      context.fillText(across.name, ROOM.left + w / 2, tall, w);
      if (up) {
        context.save();
        context.translate(10, ROOM.top + h / 2);
        context.rotate(-Math.PI / 2);
        context.textBaseline = "middle";
        context.fillText(up.name, 0, 0, h);
        context.restore();
      }
    },
    [loss, height, side, path, axes, theme, scratch],
  );
  return <Canvas draw={draw} theme={theme} label={label} />;
}

/** Where the run has been, update by update, and where it is. */
function way(context: CanvasRenderingContext2D, points: readonly [number, number][], ink: Ink): void {
  context.strokeStyle = ink.validation;
  context.fillStyle = ink.validation;
  context.lineWidth = 1.5;
  context.beginPath();
  points.forEach(([x, y], at) => {
    if (at === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.stroke();
  if (points.length <= 200) {
    for (const [x, y] of points) {
      context.beginPath();
      context.arc(x, y, 2, 0, 2 * Math.PI);
      context.fill();
    }
  }
  const now = points.at(-1);
  if (!now) return;
  context.beginPath();
  context.arc(now[0], now[1], 5, 0, 2 * Math.PI);
  context.fill();
  context.strokeStyle = ink.panel;
  context.stroke();
}

const text = (tick: number) => (Math.abs(tick) >= 1e4 ? format.short(tick) : String(tick)).replace("-", "−");
