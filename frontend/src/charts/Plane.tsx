import { useCallback, useState } from "react";
import { mixClasses, onto } from "./bitmap";
import { Canvas } from "./Canvas";
import { CLASS_COLOURS, css, type Rgb, type Theme } from "./colours";
import { contour } from "./contour";
import { type Ink, parseHex } from "./ink";

/** Left, right, bottom, top of the plane. */
export type Extent = readonly [number, number, number, number];

interface PlaneProps {
  /** [K, G, G] bytes, row 0 is the largest y; null: points only. */
  probability: Uint8Array | null;
  classes: number;
  side: number;
  extent: Extent;
  /** [N, 2]. */
  points: Float32Array;
  labels: Int32Array;
  /** 0 for a training point, 1 for one of validation. */
  part: Int32Array;
  theme: Theme;
  label: string;
  testId?: string;
  axes?: boolean;
  /** In the middle of its box; otherwise at its left. */
  centred?: boolean;
}

/** Round numbers within a range, about `count` of them. */
export function ticks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const found: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++)
    found.push(Number((i * step).toPrecision(12)));
  return found;
}

/** Background by class probability, the boundary as a line, training points filled, validation points ringed. */
export function Plane(props: PlaneProps) {
  const {
    probability,
    classes,
    side,
    extent,
    points,
    labels,
    part,
    theme,
    label,
    testId,
    axes = true,
    centred = !axes,
  } = props;
  const [scratch] = useState(() => document.createElement("canvas"));

  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      const margin = axes ? { left: 26, bottom: 18, top: 4, right: 4 } : { left: 0, bottom: 0, top: 0, right: 0 };
      const [x0, x1, y0, y1] = extent;
      const room = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
      const scale = Math.min(room.width / (x1 - x0), room.height / (y1 - y0));
      const [w, h] = [scale * (x1 - x0), scale * (y1 - y0)];
      const left = margin.left + (centred ? (room.width - w) / 2 : 0);
      const top = margin.top + (room.height - h) / 2;
      const colours = CLASS_COLOURS[theme];
      const toX = (x: number) => left + ((x - x0) / (x1 - x0)) * w;
      const toY = (y: number) => top + ((y1 - y) / (y1 - y0)) * h;

      context.save();
      context.beginPath();
      context.roundRect(left, top, w, h, 4);
      context.clip();
      context.imageSmoothingEnabled = true;
      context.imageSmoothingQuality = "high";
      if (probability) {
        const ground = parseHex(ink.panel);
        const strength = theme === "dark" ? 0.5 : 0.42;
        const image = mixClasses(probability, classes, side, colours, ground, strength);
        context.drawImage(onto(scratch, image), left, top, w, h);
        context.strokeStyle = ink.text;
        context.globalAlpha = 0.75;
        context.lineWidth = 1.25;
        boundary(context, { probability, classes, side, left, top, w, h });
        context.globalAlpha = 1;
      }
      dots(context, { points, labels, part, toX, toY, colours, ink, size: Math.max(1.1, Math.min(4, w / 95)) });
      context.restore();

      if (!axes) return;
      context.fillStyle = ink.dim;
      context.font = `10px ${ink.mono}`;
      context.textAlign = "center";
      context.textBaseline = "top";
      for (const tick of ticks(x0, x1, w / 60)) context.fillText(text(tick), toX(tick), top + h + 5);
      context.textAlign = "right";
      context.textBaseline = "middle";
      for (const tick of ticks(y0, y1, h / 40)) context.fillText(text(tick), left - 5, toY(tick));
    },
    [probability, classes, side, extent, points, labels, part, theme, axes, centred, scratch],
  );

  return <Canvas draw={draw} theme={theme} label={label} testId={testId} />;
}

interface Ground {
  probability: Uint8Array;
  classes: number;
  side: number;
  left: number;
  top: number;
  w: number;
  h: number;
}

/** The lines along which the leading class changes. */
function boundary(context: CanvasRenderingContext2D, { probability, classes, side, left, top, w, h }: Ground): void {
  context.beginPath();
  for (let k = classes === 2 ? 1 : 0; k < classes; k++) {
    const lines = contour((column, row) => lead(probability, classes, side, k, row * side + column), side, 0);
    for (let i = 0; i < lines.length; i += 4) {
      const at = (j: number, size: number) => (((lines[i + j] as number) + 0.5) / side) * size;
      context.moveTo(left + at(0, w), top + at(1, h));
      context.lineTo(left + at(2, w), top + at(3, h));
    }
  }
  context.stroke();
}

const text = (tick: number) => String(tick).replace("-", "−");

/** How far class `k` is ahead of the best other class. */
function lead(probability: Uint8Array, classes: number, side: number, k: number, at: number): number {
  let most = 0;
  for (let other = 0; other < classes; other++) {
    if (other !== k) most = Math.max(most, probability[other * side * side + at] as number);
  }
  return (probability[k * side * side + at] as number) - most + 0.25;
}

interface Dots {
  points: Float32Array;
  labels: Int32Array;
  part: Int32Array;
  toX: (x: number) => number;
  toY: (y: number) => number;
  colours: readonly Rgb[];
  ink: Ink;
  size: number;
}

/** Rings and rims only where a point is large enough to have them. */
function dots(context: CanvasRenderingContext2D, { points, labels, part, toX, toY, colours, ink, size }: Dots): void {
  for (const wanted of [0, 1]) {
    for (let i = 0; i < labels.length; i++) {
      if ((part[i] ?? 0) !== wanted) continue;
      const colour = css(colours[(labels[i] as number) % colours.length] as Rgb);
      context.beginPath();
      context.arc(
        toX(points[2 * i] as number),
        toY(points[2 * i + 1] as number),
        wanted ? size * 1.2 : size,
        0,
        2 * Math.PI,
      );
      if (size < 1.5 && wanted) {
        context.strokeStyle = colour;
        context.lineWidth = 0.9;
        context.stroke();
      } else if (size < 1.5) {
        context.fillStyle = colour;
        context.fill();
      } else if (wanted) {
        context.fillStyle = ink.panel;
        context.fill();
        context.strokeStyle = colour;
        context.lineWidth = Math.max(1.25, size * 0.55);
        context.stroke();
      } else {
        context.fillStyle = colour;
        context.fill();
        context.strokeStyle = ink.panel;
        context.lineWidth = 0.5;
        context.stroke();
      }
    }
  }
}
