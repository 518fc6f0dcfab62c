import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { axisText } from "./axisText";
import type { Theme } from "./colours";
import * as format from "./format";
import { inkOf } from "./ink";
import { type Band, columns, firstFrom, lastUpTo, logTicks, reach, smoothed, ticks, type Values } from "./manyLines";
import classes from "./manyLines.module.css";

export interface NamedLine extends Values {
  id: string;
  name: string;
  /** A colour of the page, e.g. `--train`. */
  colour: string;
  dashed?: boolean;
}

export interface NamedBand extends Band {
  id: string;
  name: string;
  colour: string;
}

interface ManyLinesProps {
  lines: readonly NamedLine[];
  bands?: readonly NamedBand[];
  log?: boolean;
  /** β of the running mean, 0: none. The raw curve stays faintly behind it. */
  smoothing?: number;
  percent?: boolean;
  /** Written below the axis and before the crosshair's place. */
  unit: string;
  theme: Theme;
  label: string;
  testId?: string;
}

const MARGIN = { left: 54, right: 12, top: 10, bottom: 24 };

type Stretch = [from: number, to: number];

/** Curves laid over each other: the wheel zooms, dragging marks what to look at, with Shift it moves; a double click
 * shows all again; keys do the same. Each picture is drawn from the whole data. */
export function ManyLines(props: ManyLinesProps) {
  const { lines, bands = [], log = false, smoothing = 0, percent = false, unit, theme, label, testId } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const whole = useMemo((): Stretch => {
    const all = [...lines, ...bands.map(({ mean }) => mean)].filter(({ length }) => length > 0);
    if (all.length === 0) return [0, 1];
    const from = Math.min(...all.map(({ x }) => x[0] as number));
    const to = Math.max(...all.map(({ x, length }) => x[length - 1] as number));
    return [from, to > from ? to : from + 1];
  }, [lines, bands]);
  const [view, setView] = useState<Stretch | null>(null);
  const [under, setUnder] = useState<number | null>(null);
  const [marked, setMarked] = useState<Stretch | null>(null);
  const drag = useRef<{ x: number; view: Stretch; pan: boolean } | null>(null);
  const smooth = useMemo(
    () => (smoothing > 0 ? lines.map((line) => smoothed(line, smoothing)) : lines),
    [lines, smoothing],
  );
  const [from, to] = view ?? whole;
  const paint = useRef<() => void>(() => {});

  // biome-ignore lint/correctness/useExhaustiveDependencies: a theme changes the colours that are read while drawing
  useEffect(() => {
    paint.current = () => {
      const [element, surface] = [box.current, canvas.current];
      const context = surface?.getContext("2d");
      if (!element || !surface || !context) return;
      const density = window.devicePixelRatio || 1;
      const [width, height] = [element.clientWidth, element.clientHeight];
      if (surface.width !== Math.round(width * density)) surface.width = Math.round(width * density);
      if (surface.height !== Math.round(height * density)) surface.height = Math.round(height * density);
      context.setTransform(density, 0, 0, density, 0, 0);
      context.clearRect(0, 0, width, height);
      const [inner, tall] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
      if (inner < 10 || tall < 10) return;
      const ink = inkOf(element);
      const style = getComputedStyle(element);
      const colour = (name: string) => style.getPropertyValue(name).trim() || ink.text;
      const seen = reach([...lines, ...bands.flatMap(({ low, high }) => [low, high])], from, to, log ? 0 : undefined);
      let [least, most] = seen ?? (log ? [0.1, 1] : [0, 1]);
      if (log) [least, most] = [least / 1.15, most * 1.15];
      else {
        const room = 0.05 * (most - least || Math.abs(most) || 1);
        [least, most] = [
          least >= 0 && least < room ? 0 : least - room,
          percent && most <= 1 ? Math.min(1.005, most + room) : most + room,
        ];
      }
      const place = log ? Math.log10 : (value: number) => value;
      const [low, high] = [place(least), place(most)];
      const across = (x: number) => MARGIN.left + ((x - from) / (to - from)) * inner;
      const down = (y: number) => MARGIN.top + tall - ((place(y) - low) / (high - low)) * tall;

      context.font = `11px ${ink.mono}`;
      context.fillStyle = ink.dim;
      context.strokeStyle = ink.line;
      context.lineWidth = 1;
      context.textBaseline = "middle";
      context.textAlign = "right";
      for (const tick of log ? logTicks(least, most) : ticks(least, most, Math.max(2, tall / 40))) {
        const y = Math.round(down(tick)) + 0.5;
        context.beginPath();
        context.moveTo(MARGIN.left, y);
        context.lineTo(width - MARGIN.right, y);
        context.stroke();
        context.fillText(axisText(tick, percent), MARGIN.left - 6, y);
      }
      context.textBaseline = "top";
      context.textAlign = "center";
      for (const tick of ticks(from, to, Math.max(2, inner / 90))) {
        const x = Math.round(across(tick)) + 0.5;
        context.beginPath();
        context.moveTo(x, MARGIN.top);
        context.lineTo(x, MARGIN.top + tall);
        context.stroke();
        context.fillText(
          format.short(tick).includes(" ") ? format.short(tick).replace(" ", "") : String(tick),
          x,
          height - 18,
        );
      }
      context.save();
      context.beginPath();
      context.rect(MARGIN.left, MARGIN.top - 2, inner, tall + 4);
      context.clip();
      const trace = (values: Values, reverse = false) => {
        const begin = Math.max(0, firstFrom(values, from) - 1);
        const end = Math.min(values.length, firstFrom(values, to) + 2);
        for (let i = begin; i < end; i++) {
          const at = reverse ? end - 1 - (i - begin) : i;
          const y = values.y[at] as number;
          if (Number.isNaN(y) || (log && y <= 0)) continue;
          context.lineTo(across(values.x[at] as number), down(y));
        }
        return end - begin;
      };
      const draw = (values: Values, dashed = false) => {
        const begin = Math.max(0, firstFrom(values, from) - 1);
        const end = Math.min(values.length, firstFrom(values, to) + 2);
        const across_ = Math.floor(inner);
        if (end - begin < 2 * across_) {
          context.setLineDash(dashed ? [6, 4] : []);
          context.beginPath();
          trace(values);
          context.stroke();
          context.setLineDash([]);
          if (end - begin < inner / 14) {
            for (let i = begin; i < end; i++) {
              const y = values.y[i] as number;
              if (Number.isNaN(y) || (log && y <= 0)) continue;
              context.fillRect(across(values.x[i] as number) - 2, down(y) - 2, 4, 4);
            }
          }
          return;
        }
        // Far more points than pixels: of each column the stretch from its least to its greatest, joined to the last.
        const found = columns(values, from, to, across_);
        let before: [number, number] | null = null;
        for (let column = 0; column < across_; column++) {
          const [bottom, top] = [found.least[column] as number, found.most[column] as number];
          if (Number.isNaN(bottom) || (log && top <= 0)) continue;
          let [upper, lower]: [number, number] = [down(top), down(log ? Math.max(bottom, least) : bottom)];
          const own: [number, number] = [upper, lower];
          if (before) [upper, lower] = [Math.min(upper, before[1]), Math.max(lower, before[0])];
          before = own;
          if (dashed && column % 10 > 5) continue;
          // On whole pixels: half covered ones would have to be blended, and there are thousands.
          const edge = Math.round(upper - 0.75);
          context.fillRect(MARGIN.left + column, edge, 1, Math.max(2, Math.round(lower + 0.75) - edge));
        }
      };
      for (const each of bands) {
        context.fillStyle = colour(each.colour);
        context.globalAlpha = 0.18;
        context.beginPath();
        trace(each.high);
        trace(each.low, true);
        context.fill();
        context.globalAlpha = 1;
        context.strokeStyle = colour(each.colour);
        context.lineWidth = 2;
        draw(each.mean);
      }
      context.lineWidth = 1.5;
      lines.forEach((line, at) => {
        context.strokeStyle = context.fillStyle = colour(line.colour);
        if (smoothing > 0) {
          context.globalAlpha = 0.25;
          draw(line, line.dashed);
          context.globalAlpha = 1;
        }
        draw(smooth[at] as Values, line.dashed);
      });
      if (marked) {
        context.fillStyle = ink.accent;
        context.globalAlpha = 0.15;
        context.fillRect(across(marked[0]), MARGIN.top, across(marked[1]) - across(marked[0]), tall);
        context.globalAlpha = 1;
      }
      if (under !== null) {
        context.strokeStyle = ink.strong;
        context.lineWidth = 1;
        context.beginPath();
        const x = Math.round(across(under)) + 0.5;
        context.moveTo(x, MARGIN.top);
        context.lineTo(x, MARGIN.top + tall);
        context.stroke();
      }
      context.restore();
    };
    const picture = requestAnimationFrame(() => {
      const start = performance.now();
      paint.current();
      if (canvas.current) canvas.current.dataset.drawn = (performance.now() - start).toFixed(2);
    });
    return () => cancelAnimationFrame(picture);
  }, [lines, bands, smooth, from, to, log, percent, under, marked, theme]);

  useEffect(() => {
    const element = box.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => paint.current());
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const zoom = (about: number, factor: number) => {
    const [start, end] = [about - (about - from) * factor, about + (to - about) * factor];
    if (end - start < (whole[1] - whole[0]) * 1e-5) return;
    setView(start <= whole[0] && end >= whole[1] ? null : [Math.max(start, whole[0]), Math.min(end, whole[1])]);
  };
  const pan = (by: number, [start, end]: Stretch = [from, to]) => {
    const kept = Math.min(Math.max(by, whole[0] - start), whole[1] - end);
    setView([start + kept, end + kept]);
  };
  const turn = useRef(zoom);
  turn.current = zoom;
  const at = (clientX: number): number => {
    const frame = box.current?.getBoundingClientRect();
    if (!frame) return from;
    const share = (clientX - frame.left - MARGIN.left) / Math.max(1, frame.width - MARGIN.left - MARGIN.right);
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  };
  const where = useRef(at);
  where.current = at;

  // React listens to the wheel without the right to keep the page from scrolling.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      turn.current(where.current(event.clientX), Math.exp(Math.sign(event.deltaY) * 0.2));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, []);

  const move = (event: PointerEvent) => {
    const x = at(event.clientX);
    setUnder(x);
    const held = drag.current;
    if (!held) return;
    if (held.pan) {
      const frame = box.current?.clientWidth ?? 1;
      pan(
        ((held.x - event.clientX) / Math.max(1, frame - MARGIN.left - MARGIN.right)) * (held.view[1] - held.view[0]),
        held.view,
      );
    } else {
      const begun = at(held.x);
      setMarked([Math.min(begun, x), Math.max(begun, x)]);
    }
  };
  const release = () => {
    const held = drag.current;
    drag.current = null;
    if (held && !held.pan && marked && marked[1] - marked[0] > 0.01 * (to - from)) setView(marked);
    setMarked(null);
  };
  const press = (event: KeyboardEvent) => {
    const middle = under ?? (from + to) / 2;
    const done = {
      ArrowLeft: () => pan(-0.1 * (to - from)),
      ArrowRight: () => pan(0.1 * (to - from)),
      "+": () => zoom(middle, 0.7),
      "-": () => zoom(middle, 1.4),
      "0": () => setView(null),
    }[event.key];
    if (!done) return;
    event.preventDefault();
    done();
  };
  const write = percent ? (value: number) => format.percent(value) : format.value;
  const legend = [
    ...bands.map(({ id, name, colour, mean, high }) => {
      const index = under === null ? mean.length - 1 : lastUpTo(mean, under);
      const middle = (mean.y[index] as number) ?? Number.NaN;
      const spread = ((high.y[index] as number) ?? Number.NaN) - middle;
      return { id, name, colour, dashed: false, text: index < 0 ? "–" : `${write(middle)} ± ${write(spread)}` };
    }),
    ...lines.map((line, index) => {
      const values = smooth[index] as Values;
      const place = under === null ? values.length - 1 : lastUpTo(values, under);
      return { ...line, text: place < 0 ? "–" : write(values.y[place] as number) };
    }),
  ];
  return (
    <div
      className={classes.chart}
      data-testid={testId}
      data-points={lines.reduce((sum, { length }) => sum + length, 0)}
    >
      <div
        ref={box}
        className={classes.box}
        role="application"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows, + and − zoom and move
        tabIndex={0}
        data-zoomed={view !== null || undefined}
        onPointerMove={move}
        onPointerLeave={() => setUnder(null)}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.clientX, view: [from, to], pan: event.shiftKey };
        }}
        onPointerUp={release}
        onPointerCancel={release}
        onDoubleClick={() => setView(null)}
        onKeyDown={press}
      >
        <canvas ref={canvas} className={classes.canvas} />
        <span className={classes.unit}>{unit}</span>
        {under !== null && <span className={classes.at}>{`${unit} ${format.short(under)}`}</span>}
      </div>
      <ul className={classes.legend}>
        {legend.map(({ id, name, colour, dashed, text }) => (
          <li key={id} title={name}>
            <i style={{ borderTopColor: `var(${colour})` }} data-dashed={dashed || undefined} aria-hidden />
            <span>{name}</span>
            <b>{text}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
