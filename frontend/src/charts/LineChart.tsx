import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { axisText } from "./axisText";
import classes from "./charts.module.css";
import type { Theme } from "./colours";
import { decimate, type Points } from "./decimate";
import * as format from "./format";
import { inkOf } from "./ink";

export interface Line extends Points {
  name: string;
  /** A colour of the page, e.g. `--train`. */
  colour: string;
  dashed?: boolean;
  /** Points far apart (a validation once an epoch) are marked. */
  dots?: boolean;
}

export interface Mark {
  x: number;
  text: string;
}

interface LineChartProps {
  title: ReactNode;
  lines: readonly Line[];
  marks?: readonly Mark[];
  /** Where on the way one looks: the head shows the values there. */
  at?: number | null;
  /** Changes whenever the lines' contents do; the arrays themselves may be the same, grown. */
  version: number;
  log?: boolean;
  theme: Theme;
  label: string;
  testId?: string;
  /** Charts of one name share their crosshair. */
  sync?: string;
  percent?: boolean;
  unit?: string;
  children?: ReactNode;
}

const MOST_BUCKETS = 1000;

/** `[x, y of each line]` on one axis, thinned to what `width` pixels can show. */
export function aligned(lines: readonly Line[], width: number): uPlot.AlignedData {
  const buckets = Math.min(MOST_BUCKETS, Math.max(50, Math.ceil(width)));
  const tables = lines.map((line) => decimate(line, buckets) as unknown as uPlot.AlignedData);
  if (tables.length === 0) return [[]];
  return tables.length === 1 ? (tables[0] as uPlot.AlignedData) : uPlot.join(tables);
}

/** The value of a line at the last point not after `x`; NaN before the first. */
export function valueAt(line: Points, x: number): number {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((line.x[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? Number.NaN : (line.y[low - 1] as number);
}

/** Curves over steps, with their present values, or those under the crosshair, in the head. */
export function LineChart(props: LineChartProps) {
  const {
    title,
    lines,
    marks = [],
    at = null,
    version,
    log = false,
    theme,
    label,
    testId,
    sync,
    percent,
    unit,
    children,
  } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ lines, marks, at });
  latest.current = { lines, marks, at };
  const [under, setUnder] = useState<number | null>(null);
  const [note, setNote] = useState<{ left: number; text: string } | null>(null);
  const shape = lines.map((line) => `${line.name} ${line.colour} ${line.dashed} ${line.dots}`).join("|");
  const write = percent ? format.percent : format.value;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the plot is made again only when its lines' looks change
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const ink = inkOf(element);
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim() || ink.text;
    const font = `11px ${ink.mono}`;
    const axis = { stroke: ink.dim, font, grid: { stroke: ink.line, width: 1 }, ticks: { show: false }, gap: 6 };
    const drawMarks = (u: uPlot) => {
      const { ctx, bbox } = u;
      const density = window.devicePixelRatio || 1;
      ctx.save();
      ctx.strokeStyle = ink.faint;
      ctx.fillStyle = ink.faint;
      ctx.lineWidth = density;
      ctx.setLineDash([3 * density, 3 * density]);
      for (const mark of latest.current.marks) {
        const x = Math.round(u.valToPos(mark.x, "x", true)) + 0.5;
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.beginPath();
        ctx.moveTo(x - 4 * density, bbox.top);
        ctx.lineTo(x + 4 * density, bbox.top);
        ctx.lineTo(x, bbox.top + 6 * density);
        ctx.fill();
      }
      const place = latest.current.at === null ? -1 : Math.round(u.valToPos(latest.current.at, "x", true)) + 0.5;
      if (place >= bbox.left && place <= bbox.left + bbox.width) {
        ctx.strokeStyle = colour("--accent-text");
        ctx.setLineDash([]);
        ctx.lineWidth = 1.5 * density;
        ctx.beginPath();
        ctx.moveTo(place, bbox.top);
        ctx.lineTo(place, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.restore();
    };
    const pointed = (u: uPlot) => {
      const left = u.cursor.left ?? -1;
      if (left < 0) {
        setUnder(null);
        setNote(null);
        return;
      }
      setUnder(u.posToVal(left, "x"));
      const near = latest.current.marks
        .map((mark) => ({ text: mark.text, left: u.valToPos(mark.x, "x") }))
        .filter((mark) => Math.abs(mark.left - left) < 7);
      setNote(
        near.length > 0
          ? { left: (near[0] as { left: number }).left, text: near.map((m) => m.text).join(" · ") }
          : null,
      );
    };
    const made = new uPlot(
      {
        width: Math.max(60, element.clientWidth),
        height: Math.max(60, element.clientHeight),
        padding: [10, 12, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          points: { size: 6 },
          drag: { x: false, y: false },
          ...(sync ? { sync: { key: sync, setSeries: false } } : {}),
        },
        scales: {
          x: { time: false },
          y: {
            distr: log ? 3 : 1,
            ...(log
              ? {}
              : {
                  range: (_: uPlot, least: number | null, most: number | null): uPlot.Range.MinMax => {
                    if (least === null || most === null || (percent && least === most)) return [0, 1];
                    const room = 0.06 * (most - least || Math.abs(most) || 1);
                    const floor = least >= 0 && least - room < 0 ? 0 : least - room;
                    return [floor, percent && most <= 1 ? Math.min(1.005, most + room) : most + room];
                  },
                }),
          },
        },
        axes: [
          {
            ...axis,
            size: 26,
            space: 60,
            values: (_, ticks) => ticks.map((tick) => format.short(tick).replace(" ", "")),
          },
          {
            ...axis,
            size: (_, ticks) => 14 + 7 * Math.max(1, ...(ticks ?? []).map((tick) => tick.length)),
            space: 28,
            values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : axisText(tick, percent))),
          },
        ],
        series: [
          {},
          ...lines.map((line) => ({
            label: line.name,
            stroke: colour(line.colour),
            width: 1.75,
            spanGaps: true,
            ...(line.dashed ? { dash: [6, 4] } : {}),
            points: line.dots
              ? { show: true, size: 4, fill: colour(line.colour), width: 0, space: 0, filter: farApart }
              : { show: false },
          })),
        ],
        hooks: { draw: [drawMarks], setCursor: [pointed] },
      },
      aligned(lines, element.clientWidth),
      element,
    );
    plot.current = made;
    const observer =
      typeof ResizeObserver === "undefined"
        ? null
        : new ResizeObserver(() => {
            if (element.clientWidth > 0 && element.clientHeight > 0) {
              made.setSize({ width: element.clientWidth, height: element.clientHeight });
              made.setData(aligned(latest.current.lines, element.clientWidth));
            }
          });
    observer?.observe(element);
    return () => {
      observer?.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, theme, log, sync, percent]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the lines' contents
  useEffect(() => {
    const element = box.current;
    if (element && plot.current) plot.current.setData(aligned(lines, element.clientWidth));
  }, [version, marks.length]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawing reads it from the latest props
  useEffect(() => plot.current?.redraw(false), [at]);

  const widest = useMemo(() => (percent ? 7 : 5), [percent]);

  return (
    <div
      className={classes.chart}
      data-testid={testId}
      data-at={at ?? undefined}
      data-points={lines.reduce((sum, line) => sum + line.length, 0)}
    >
      <div className={classes.chartHead}>
        <h3 className={classes.chartTitle}>{title}</h3>
        <ul className={classes.legend}>
          {lines.map((line) => {
            const place = under ?? at;
            const shown = place === null ? (line.y[line.length - 1] ?? Number.NaN) : valueAt(line, place);
            return (
              <li key={line.name} style={{ color: `var(${line.colour})` }}>
                <span className={classes.swatch} data-dashed={line.dashed || undefined} />
                {line.name}
                <span className={classes.value} style={{ minWidth: `${widest}ch` }}>
                  {Number.isFinite(shown) ? write(shown) : "–"}
                  {unit}
                </span>
              </li>
            );
          })}
        </ul>
      </div>
      <div className={classes.plot}>
        <div className={classes.canvas} ref={box} role="img" aria-label={label} />
        {children && <div className={classes.corner}>{children}</div>}
        {note && (
          <span className={classes.tip} style={{ left: `min(calc(100% - 180px), ${note.left + 44}px)`, top: 0 }}>
            {note.text}
          </span>
        )}
      </div>
    </div>
  );
}

/** Dots only where they stand apart from each other. */
function farApart(u: uPlot, series: number): number[] {
  const values = u.data[series] ?? [];
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] !== null && values[i] !== undefined) found.push(i);
  return found.length < u.width / 12 ? found : [];
}
