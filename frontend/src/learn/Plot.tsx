/** Curves over one number, drawn in the page's colours. */
import { type ReactNode, useId } from "react";
import { axisText } from "../charts/axisText";
import { ticks } from "../charts/Plane";
import classes from "./learn.module.css";

export type Tone = "one" | "two" | "three" | "four" | "faint";

export interface Curve {
  name: string;
  points: readonly (readonly [number, number])[];
  tone: Tone;
  dots?: boolean;
  /** Dots alone, no line between. */
  loose?: boolean;
}

interface PlotProps {
  label: string;
  x: readonly [number, number];
  y: readonly [number, number];
  xName?: string;
  yName?: string;
  curves: readonly Curve[];
  /** What a tick says; the number itself where nothing is given. */
  xText?: (value: number) => string;
  yText?: (value: number) => string;
  /** Whole numbers only along x. */
  whole?: boolean;
  children?: (toX: (x: number) => number, toY: (y: number) => number) => ReactNode;
}

const [WIDE, HIGH] = [460, 260];
const ROOM = { left: 48, right: 10, top: 10, bottom: 34 };

export function Plot({ label, x, y, xName, yName, curves, xText, yText, whole, children }: PlotProps) {
  const clip = useId();
  const toX = (value: number) => ROOM.left + ((value - x[0]) / (x[1] - x[0] || 1)) * (WIDE - ROOM.left - ROOM.right);
  const toY = (value: number) =>
    HIGH - ROOM.bottom - ((value - y[0]) / (y[1] - y[0] || 1)) * (HIGH - ROOM.top - ROOM.bottom);
  // Far beyond the picture a line would be drawn in numbers that no renderer likes.
  const held = (value: number) => Math.max(-HIGH, Math.min(2 * HIGH, value));
  const named = curves.filter(({ name }) => name);
  return (
    <figure className={classes.figure}>
      <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={label} className={classes.plot}>
        <clipPath id={clip}>
          <rect
            x={ROOM.left}
            y={ROOM.top}
            width={WIDE - ROOM.left - ROOM.right}
            height={HIGH - ROOM.top - ROOM.bottom}
          />
        </clipPath>
        {ticks(y[0], y[1], 5).map((value) => (
          <g key={value}>
            <line x1={ROOM.left} x2={WIDE - ROOM.right} y1={toY(value)} y2={toY(value)} className={classes.rule} />
            <text x={ROOM.left - 6} y={toY(value)} className={classes.tickY}>
              {yText ? yText(value) : axisText(value)}
            </text>
          </g>
        ))}
        {ticks(x[0], x[1], 6)
          .filter((value) => !whole || Number.isInteger(value))
          .map((value) => (
            <text key={value} x={toX(value)} y={HIGH - ROOM.bottom + 13} className={classes.tickX}>
              {xText ? xText(value) : axisText(value)}
            </text>
          ))}
        <line
          x1={ROOM.left}
          x2={WIDE - ROOM.right}
          y1={HIGH - ROOM.bottom}
          y2={HIGH - ROOM.bottom}
          className={classes.axis}
        />
        <line x1={ROOM.left} x2={ROOM.left} y1={ROOM.top} y2={HIGH - ROOM.bottom} className={classes.axis} />
        {xName && (
          <text x={(ROOM.left + WIDE) / 2} y={HIGH - 8} className={classes.axisName}>
            {xName}
          </text>
        )}
        {yName && (
          <text x={ROOM.left + 6} y={ROOM.top + 8} className={classes.axisNameY}>
            {yName}
          </text>
        )}
        <g clipPath={`url(#${clip})`}>
          {curves.map(({ name, points, tone, dots, loose }) => {
            const drawn = points.filter((point) => point.every(Number.isFinite));
            return (
              <g key={name || tone} data-tone={tone} className={classes.series}>
                {!loose && (
                  <polyline
                    points={drawn.map(([a, b]) => `${toX(a).toFixed(1)},${held(toY(b)).toFixed(1)}`).join(" ")}
                  />
                )}
                {(dots || loose) &&
                  drawn.map(([a, b], at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a dot is its place
                    <circle key={at} cx={toX(a)} cy={held(toY(b))} r={3.6} />
                  ))}
              </g>
            );
          })}
          {children?.(toX, toY)}
        </g>
      </svg>
      {named.length > 1 && (
        <figcaption className={classes.legend}>
          {named.map(({ name, tone }) => (
            <span key={name} data-tone={tone}>
              <i />
              {name}
            </span>
          ))}
        </figcaption>
      )}
    </figure>
  );
}

/** f at many places, for a smooth line. */
export const sampled = (f: (x: number) => number, low: number, high: number, count = 160): [number, number][] =>
  Array.from({ length: count + 1 }, (_, at) => {
    const x = low + ((high - low) * at) / count;
    return [x, f(x)];
  });

/** The least and the most, with room around them. */
export function around(values: readonly number[], room = 0.08): [number, number] {
  const real = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...real), Math.max(...real)];
  const wide = high - low || Math.abs(high) || 1;
  return [low - room * wide, high + room * wide];
}
