import { useCallback, useState } from "react";
import { colourise, onto } from "./bitmap";
import { Canvas } from "./Canvas";
import { DIVERGING, type Theme } from "./colours";
import type { Ink } from "./ink";
import { type Extent, ticks } from "./Plane";

/** What a regression is drawn from. Of each sample what was wanted, what is predicted, and its part (0 training, 1 validation). */
export interface FitData {
  wanted: Float32Array;
  predicted: Float32Array;
  part: Int32Array;
  /** Where one number decides: each sample's, and what the network and least squares say along it. */
  line: { x: Float32Array; along: Float32Array; network: Float32Array; solved: Float32Array } | null;
  /** Where two do: each sample's [N, 2], and heights [G, G] as bytes, row 0 the largest second number. */
  surface: { x: Float32Array; heights: Uint8Array; side: number; extent: Extent } | null;
}

interface FitProps {
  data: FitData;
  theme: Theme;
  label: string;
  /** Without axes: on a card. */
  brief?: boolean;
}

/** The least and the most of all, a little beyond; never empty. */
export function reach(...series: readonly ArrayLike<number>[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of series) {
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i] as number);
      high = Math.max(high, values[i] as number);
    }
  }
  if (!Number.isFinite(low + high)) return [-1, 1];
  const beyond = 0.05 * (high - low) || 1;
  return [low - beyond, high + beyond];
}

const text = (tick: number) => String(tick).replace("-", "−");

/** Line and samples with what is left between them; or a plane from above; or what is predicted over what was wanted. */
export function Fit({ data, theme, label, brief = false }: FitProps) {
  const [scratch] = useState(() => document.createElement("canvas"));
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      const margin = brief ? { left: 2, bottom: 2, top: 2, right: 2 } : { left: 38, bottom: 18, top: 4, right: 6 };
      const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
      if (w < 10 || h < 10) return;
      const { across, down } = axesOf(data);
      const toX = (value: number) => margin.left + ((value - across[0]) / (across[1] - across[0])) * w;
      const toY = (value: number) => margin.top + (1 - (value - down[0]) / (down[1] - down[0])) * h;
      if (!brief) frame(context, { across, down, toX, toY, w, h, left: margin.left, top: margin.top, ink });
      context.save();
      context.beginPath();
      context.rect(margin.left, margin.top, w, h);
      context.clip();
      const size = brief ? 1.4 : Math.max(1.8, Math.min(4, w / 120));
      if (data.surface) surface(context, data, data.surface, { toX, toY, theme, ink, size, scratch });
      else if (data.line) line(context, data, data.line, { toX, toY, ink, size, brief });
      else pairs(context, data, { toX, toY, ink, size, across });
      context.restore();
    },
    [data, theme, brief, scratch],
  );
  return <Canvas draw={draw} theme={theme} label={label} />;
}

/** What is drawn across and down, and how far it reaches. */
function axesOf({ wanted, predicted, line, surface }: FitData): { across: [number, number]; down: [number, number] } {
  if (surface) {
    const [x0, x1, y0, y1] = surface.extent;
    return { across: [x0, x1], down: [y0, y1] };
  }
  if (line) {
    const across: [number, number] = [line.along[0] as number, line.along.at(-1) as number];
    // Least squares of many powers may shoot up between the samples: the drawing keeps to the samples and the network.
    return { across, down: reach(wanted, line.network) };
  }
  return { across: reach(wanted), down: reach(wanted, predicted) };
}

interface Frame {
  across: [number, number];
  down: [number, number];
  toX: (value: number) => number;
  toY: (value: number) => number;
  w: number;
  h: number;
  left: number;
  top: number;
  ink: Ink;
}

function frame(context: CanvasRenderingContext2D, { across, down, toX, toY, w, h, left, top, ink }: Frame): void {
  context.font = `10px ${ink.mono}`;
  context.lineWidth = 1;
  context.strokeStyle = ink.line;
  context.fillStyle = ink.dim;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const tick of ticks(...across, Math.max(2, w / 70))) {
    const x = Math.round(toX(tick)) + 0.5;
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, top + h);
    context.stroke();
    context.fillText(text(tick), x, top + h + 5);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of ticks(...down, Math.max(2, h / 40))) {
    const y = Math.round(toY(tick)) + 0.5;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left + w, y);
    context.stroke();
    context.fillText(text(tick), left - 5, y);
  }
}

interface Place {
  toX: (value: number) => number;
  toY: (value: number) => number;
  ink: Ink;
  size: number;
}

/** A training sample is a full dot, one of validation a ring. */
function dot(context: CanvasRenderingContext2D, x: number, y: number, part: number, { ink, size }: Place): void {
  context.beginPath();
  context.arc(x, y, size, 0, 2 * Math.PI);
  if (part === 0) {
    context.fillStyle = ink.train;
    context.fill();
    return;
  }
  context.fillStyle = ink.panel;
  context.fill();
  context.strokeStyle = ink.validation;
  context.lineWidth = Math.max(1, size * 0.5);
  context.stroke();
}

function path(context: CanvasRenderingContext2D, xs: Float32Array, ys: Float32Array, { toX, toY }: Place): void {
  context.beginPath();
  for (let i = 0; i < xs.length; i++) context.lineTo(toX(xs[i] as number), toY(ys[i] as number));
  context.stroke();
}

function line(
  context: CanvasRenderingContext2D,
  { wanted, predicted, part }: FitData,
  { x, along, network, solved }: NonNullable<FitData["line"]>,
  place: Place & { brief: boolean },
): void {
  const { toX, toY, ink, brief } = place;
  if (!brief) {
    context.strokeStyle = ink.faint;
    context.lineWidth = 1;
    context.beginPath();
    for (let i = 0; i < x.length; i++) {
      context.moveTo(toX(x[i] as number), toY(wanted[i] as number));
      context.lineTo(toX(x[i] as number), toY(predicted[i] as number));
    }
    context.stroke();
  }
  for (const wantedPart of [0, 1]) {
    for (let i = 0; i < x.length; i++) {
      if (part[i] === wantedPart) dot(context, toX(x[i] as number), toY(wanted[i] as number), wantedPart, place);
    }
  }
  context.lineWidth = brief ? 1 : 1.5;
  context.strokeStyle = ink.dim;
  context.setLineDash([5, 4]);
  path(context, along, solved, place);
  context.setLineDash([]);
  context.lineWidth = brief ? 1.5 : 2.25;
  context.strokeStyle = ink.text;
  path(context, along, network, place);
}

function surface(
  context: CanvasRenderingContext2D,
  { wanted, predicted, part }: FitData,
  { x, heights, side, extent }: NonNullable<FitData["surface"]>,
  place: Place & { theme: Theme; scratch: HTMLCanvasElement },
): void {
  const { toX, toY, ink, size, theme, scratch } = place;
  const [x0, x1, y0, y1] = extent;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.globalAlpha = 0.75;
  const image = colourise(heights, side, side, DIVERGING[theme]);
  context.drawImage(onto(scratch, image), toX(x0), toY(y1), toX(x1) - toX(x0), toY(y0) - toY(y1));
  context.globalAlpha = 1;
  let most = 0;
  for (let i = 0; i < wanted.length; i++) {
    most = Math.max(most, Math.abs((wanted[i] as number) - (predicted[i] as number)));
  }
  for (let i = 0; i < wanted.length; i++) {
    // A stick up where the sample lies above the plane, down where it lies below.
    const left = ((wanted[i] as number) - (predicted[i] as number)) / (most || 1);
    const [px, py] = [toX(x[2 * i] as number), toY(x[2 * i + 1] as number)];
    context.strokeStyle = ink.text;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(px, py);
    context.lineTo(px, py - 5 * size * left);
    context.stroke();
    dot(context, px, py, part[i] as number, place);
  }
}

function pairs(
  context: CanvasRenderingContext2D,
  { wanted, predicted, part }: FitData,
  place: Place & { across: [number, number] },
): void {
  const { toX, toY, ink, across } = place;
  context.strokeStyle = ink.dim;
  context.lineWidth = 1.25;
  context.beginPath();
  context.moveTo(toX(across[0]), toY(across[0]));
  context.lineTo(toX(across[1]), toY(across[1]));
  context.stroke();
  for (const wantedPart of [0, 1]) {
    for (let i = 0; i < wanted.length; i++) {
      if (part[i] === wantedPart) {
        dot(context, toX(wanted[i] as number), toY(predicted[i] as number), wantedPart, place);
      }
    }
  }
}
