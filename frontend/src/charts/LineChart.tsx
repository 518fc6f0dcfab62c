import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Theme } from "./colours";
import * as format from "./format";
import { inkOf } from "./ink";
import classes from "./lineChart.module.css";
import { MARGIN, type Mark, type NamedBand, type NamedLine, paint } from "./linePicture";
import { lastUpTo, smoothed, type Values } from "./longLines";
import { forget, point, type Stretch, usePointer } from "./pointer";

export type { Mark, NamedBand, NamedLine } from "./linePicture";

interface LineChartProps {
  title?: ReactNode;
  lines: readonly NamedLine[];
  bands?: readonly NamedBand[];
  marks?: readonly Mark[];
  /** Where on the way one looks: the legend tells the values there. */
  at?: number | null;
  log?: boolean;
  /** β of the running mean, 0: none. The raw curve stays faintly behind it. */
  smoothing?: number;
  percent?: boolean;
  /** Written below the axis and before the crosshair's place. */
  unit: string;
  /** There is nothing between two whole places: steps. */
  discrete?: boolean;
  theme: Theme;
  label: string;
  testId?: string;
  /** Charts of one group share their crosshair and what they are zoomed into. */
  group?: string;
  /** Names and values stand beside the title, or in a list at the side. */
  legend?: "head" | "side";
  /** Says on the button that it ends a zoom. */
  all: string;
  children?: ReactNode;
}

const NO_BANDS: readonly NamedBand[] = [];
const NO_MARKS: readonly Mark[] = [];
/** Pixels within which a mark is pointed at. */
const NEAR = 7;

/** The value of a line at the last point not after `x`; NaN before the first. */
export function valueAt(line: Values, x: number): number {
  const at = lastUpTo(line, x);
  return at < 0 ? Number.NaN : (line.y[at] as number);
}

/**
 * Curves laid over each other: the wheel zooms, dragging marks what to look at, with Shift it moves; a double click
 * shows all again. Of keys, arrows move the crosshair, with Shift the picture; + and − zoom, 0 shows all. Each picture is
 * drawn from the whole data.
 */
export function LineChart(props: LineChartProps) {
  const { title, lines, bands = NO_BANDS, marks = NO_MARKS, at = null, log = false, smoothing = 0 } = props;
  const {
    percent = false,
    discrete = false,
    unit,
    theme,
    label,
    testId,
    legend: place = "head",
    all,
    children,
  } = props;
  const own = useId();
  const group = props.group ?? own;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const whole = useMemo((): Stretch => {
    const some = [...lines, ...bands.map(({ mean }) => mean)].filter(({ length }) => length > 0);
    if (some.length === 0) return [0, 1];
    const first = Math.min(...some.map(({ x }) => x[0] as number));
    const last = Math.max(...some.map(({ x, length }) => x[length - 1] as number));
    return [first, last > first ? last : first + 1];
  }, [lines, bands]);
  const { under, view } = usePointer(group);
  const [marked, setMarked] = useState<Stretch | null>(null);
  const drag = useRef<{ x: number; view: Stretch; pan: boolean } | null>(null);
  const smooth = useMemo(
    () => (smoothing > 0 ? lines.map((line) => smoothed(line, smoothing)) : lines),
    [lines, smoothing],
  );
  const [from, to] = view ?? whole;
  const setView = (next: Stretch | null) => point(group, { view: next });
  const draw = useRef<() => void>(() => {});
  const memory = useRef<ImageData | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a theme changes the colours that are read while drawing
  useLayoutEffect(() => {
    draw.current = () => {
      const [element, surface] = [box.current, canvas.current];
      const context = surface?.getContext("2d");
      if (!element || !surface || !context) return;
      const density = window.devicePixelRatio || 1;
      const [width, height] = [element.clientWidth, element.clientHeight];
      if (surface.width !== Math.round(width * density)) surface.width = Math.round(width * density);
      if (surface.height !== Math.round(height * density)) surface.height = Math.round(height * density);
      const ink = inkOf(element);
      const style = getComputedStyle(element);
      const colour = (name: string) => style.getPropertyValue(name).trim() || ink.text;
      paint(
        { context, width, height, density, ink, colour },
        { lines, smooth, bands, marks, from, to, log, percent },
        (across, down) => {
          if (memory.current?.width !== across || memory.current.height !== down)
            memory.current = context.createImageData(across, down);
          return memory.current;
        },
      );
    };
    const picture = requestAnimationFrame(() => {
      const start = performance.now();
      draw.current();
      if (canvas.current) canvas.current.dataset.drawn = (performance.now() - start).toFixed(2);
    });
    return () => cancelAnimationFrame(picture);
  }, [lines, bands, marks, smooth, from, to, log, percent, theme]);

  useEffect(() => {
    const element = box.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => draw.current());
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => () => forget(own), [own]);

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
  const xAt = (clientX: number): number => {
    const frame = box.current?.getBoundingClientRect();
    if (!frame) return from;
    const share = (clientX - frame.left - MARGIN.left) / Math.max(1, frame.width - MARGIN.left - MARGIN.right);
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  };
  const where = useRef(xAt);
  where.current = xAt;

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
    const x = xAt(event.clientX);
    point(group, { under: x });
    const held = drag.current;
    if (!held) return;
    if (held.pan) {
      const frame = box.current?.clientWidth ?? 1;
      pan(
        ((held.x - event.clientX) / Math.max(1, frame - MARGIN.left - MARGIN.right)) * (held.view[1] - held.view[0]),
        held.view,
      );
    } else {
      const begun = xAt(held.x);
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
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const middle = under ?? (from + to) / 2;
    const step = (by: number) => () => {
      if (event.shiftKey) pan(5 * by * (to - from));
      else point(group, { under: Math.min(to, Math.max(from, middle + by * (to - from))) });
    };
    const done = {
      ArrowLeft: step(-0.02),
      ArrowRight: step(0.02),
      "+": () => zoom(middle, 0.7),
      "-": () => zoom(middle, 1.4),
      "0": () => setView(null),
    }[event.key];
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
    done();
  };

  const write = percent ? (value: number) => format.percent(value) : format.value;
  const told = under ?? at;
  const legend = [
    ...bands.map(({ id, name, colour, mean, high }) => {
      const index = told === null ? mean.length - 1 : lastUpTo(mean, told);
      const middle = (mean.y[index] as number) ?? Number.NaN;
      const spread = ((high.y[index] as number) ?? Number.NaN) - middle;
      const text = index < 0 ? "–" : `${write(middle)} ± ${write(spread)}`;
      return { id, name, colour, dashed: false, faint: false, text };
    }),
    ...lines.map(({ id, name, colour, dashed = false, faint = false }, index) => {
      const values = smooth[index] as Values;
      const found = told === null ? values.length - 1 : lastUpTo(values, told);
      const value = found < 0 ? Number.NaN : (values.y[found] as number);
      return { id, name, colour, dashed, faint, text: Number.isNaN(value) ? "–" : write(value) };
    }),
  ];
  const share = (x: number) => (x - from) / (to - from);
  const inside = (x: number) => x >= from && x <= to;
  const left = (x: number) => `calc(${MARGIN.left}px + ${share(x)} * (100% - ${MARGIN.left + MARGIN.right}px))`;
  const wide = Math.max(1, (box.current?.clientWidth ?? 1) - MARGIN.left - MARGIN.right);
  const near =
    under === null
      ? []
      : marks.filter((mark) => inside(mark.x) && Math.abs(share(mark.x) - share(under)) * wide < NEAR);
  const names = (
    <ul className={classes.legend}>
      {legend.map(({ id, name, colour, dashed, faint, text }) => (
        <li key={id} title={name} data-faint={faint || undefined}>
          <i style={{ borderTopColor: `var(${colour})` }} data-dashed={dashed || undefined} aria-hidden />
          <span>{name}</span>
          <b>{text}</b>
        </li>
      ))}
    </ul>
  );
  return (
    <div
      className={classes.chart}
      data-legend={place}
      data-testid={testId}
      data-at={at ?? undefined}
      data-points={lines.reduce((sum, { length }) => sum + length, 0)}
    >
      {place === "head" && (
        <div className={classes.head}>
          <h3>{title}</h3>
          {names}
        </div>
      )}
      <div className={classes.plot}>
        <div
          ref={box}
          className={classes.box}
          role="application"
          aria-label={label}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: keys zoom, move and read the values
          tabIndex={0}
          data-zoomed={view !== null || undefined}
          onPointerMove={move}
          onPointerLeave={() => point(group, { under: null })}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.current = { x: event.clientX, view: [from, to], pan: event.shiftKey };
          }}
          onPointerUp={release}
          onPointerCancel={release}
          onDoubleClick={() => setView(null)}
          onKeyDown={press}
          onBlur={() => point(group, { under: null })}
        >
          <canvas ref={canvas} className={classes.canvas} />
          <span className={classes.unit}>{unit}</span>
          {at !== null && inside(at) && <span className={classes.here} style={{ left: left(at) }} />}
          {marked && (
            <span
              className={classes.marked}
              style={{
                left: left(marked[0]),
                width: `calc(${share(marked[1]) - share(marked[0])} * (100% - ${MARGIN.left + MARGIN.right}px))`,
              }}
            />
          )}
          {under !== null && inside(under) && (
            <>
              <span className={classes.cross} style={{ left: left(under) }} />
              <span className={classes.at}>{`${unit} ${written(under, discrete)}`}</span>
            </>
          )}
          {near.length > 0 && (
            <span className={classes.tip} style={{ left: `min(calc(100% - 180px), ${left(near[0]?.x ?? 0)})` }}>
              {near.map(({ text }) => text).join(" · ")}
            </span>
          )}
        </div>
        <div className={classes.corner}>
          {view !== null && (
            <button type="button" data-testid={testId && `${testId}-all`} onClick={() => setView(null)}>
              {all}
            </button>
          )}
          {children}
        </div>
      </div>
      {place === "side" && names}
    </div>
  );
}

const written = (x: number, discrete: boolean): string =>
  discrete ? format.whole(x) : Math.abs(x) < 100 ? String(Number(x.toPrecision(3))) : format.short(x);
