/** What several pictures are made of: cells with numbers, a player, sliders. */
import { ChevronLeft, ChevronRight, Pause, Play } from "lucide-react";
import { type ReactNode, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./explain.module.css";
import { short } from "./picture";

/** How a cell looks: lit is under the window, won the one that counts, pad a place outside of the input. */
export type Tone = "" | "lit" | "won" | "out" | "now" | "gap" | "cut";

interface CellsProps {
  rows: number;
  columns: number;
  /** The first row's and column's number: −1 with a padding of 1. */
  from?: readonly [number, number];
  size: number;
  x?: number;
  y?: number;
  value: (row: number, column: number) => number | null;
  tone: (row: number, column: number) => Tone;
  padded?: (row: number, column: number) => boolean;
  onCell?: (row: number, column: number) => void;
  name?: string;
}

/** A grid of cells inside an svg. */
export function Cells({
  rows,
  columns,
  from = [0, 0],
  size,
  x = 0,
  y = 0,
  value,
  tone,
  padded,
  onCell,
  name,
}: CellsProps) {
  const cells: ReactNode[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const row = r + from[0];
      const column = c + from[1];
      const number = value(row, column);
      cells.push(
        <g
          key={`${row} ${column}`}
          className={classes.cell}
          data-tone={tone(row, column) || undefined}
          data-padded={padded?.(row, column) || undefined}
          data-testid={name ? `${name}-${row}-${column}` : undefined}
          onPointerEnter={onCell && (() => onCell(row, column))}
          onPointerDown={onCell && (() => onCell(row, column))}
        >
          <rect
            x={x + c * size + 0.75}
            y={y + r * size + 0.75}
            width={size - 1.5}
            height={size - 1.5}
            rx={Math.min(3, size / 6)}
          />
          {number !== null && size >= 15 && (
            <text x={x + (c + 0.5) * size} y={y + (r + 0.5) * size} fontSize={fitted(short(number, 2), size)}>
              {short(number, 2)}
            </text>
          )}
        </g>,
      );
    }
  }
  return <g>{cells}</g>;
}

const fitted = (text: string, size: number) => Math.min(size * 0.46, 13, (size * 1.45) / Math.max(1, text.length));

export interface Playing {
  at: number;
  playing: boolean;
  go: (at: number) => void;
  play: (playing: boolean) => void;
}

/** Steps from 0 to count − 1 and round again, once somebody presses play: never of itself. */
export function usePlayer(count: number, pace = 700): Playing {
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing || count < 2) return;
    const timer = setInterval(() => setAt((now) => (now + 1) % count), pace);
    return () => clearInterval(timer);
  }, [playing, count, pace]);
  return {
    at: Math.min(at, Math.max(0, count - 1)),
    playing,
    go: (next) => {
      setPlaying(false);
      setAt(((next % count) + count) % count);
    },
    play: setPlaying,
  };
}

/** Back, play, on, and where one is. */
export function Player({ player, count, label }: { player: Playing; count: number; label: string }) {
  const { t } = useTranslation("explain");
  const { at, playing, go, play } = player;
  return (
    <fieldset className={classes.player} aria-label={label}>
      <button type="button" aria-label={t("player.back")} title={t("player.back")} onClick={() => go(at - 1)}>
        <ChevronLeft size={16} aria-hidden />
      </button>
      <button
        type="button"
        aria-label={t(playing ? "player.pause" : "player.play")}
        title={t(playing ? "player.pause" : "player.play")}
        data-testid="explain-play"
        onClick={() => play(!playing)}
      >
        {playing ? <Pause size={15} aria-hidden /> : <Play size={15} aria-hidden />}
      </button>
      <button
        type="button"
        aria-label={t("player.on")}
        title={t("player.on")}
        data-testid="explain-step"
        onClick={() => go(at + 1)}
      >
        <ChevronRight size={16} aria-hidden />
      </button>
      <input
        type="range"
        min={0}
        max={Math.max(0, count - 1)}
        value={at}
        aria-label={label}
        onChange={(event) => go(Number(event.currentTarget.value))}
      />
      <output className="mono">{t("player.of", { at: at + 1, count })}</output>
    </fieldset>
  );
}

interface SlideProps {
  name: ReactNode;
  label?: string;
  value: number;
  low: number;
  high: number;
  step?: number;
  onChange: (value: number) => void;
}

/** A number with a handle. */
export function Slider({ name, label, value, low, high, step = 0.1, onChange }: SlideProps) {
  const id = useId();
  return (
    <div className={classes.slider}>
      <label htmlFor={id}>{name}</label>
      <input
        id={id}
        type="range"
        min={low}
        max={high}
        step={step}
        value={value}
        aria-label={label}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
      />
      <output className="mono">{short(value, 2)}</output>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  options: readonly { value: T; title: string }[];
  value: T;
  onChange: (value: T) => void;
}

/** One of a few. */
export function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>) {
  return (
    <fieldset className={classes.choice} aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.title}
        </button>
      ))}
    </fieldset>
  );
}

export function Check({ title, on, onChange }: { title: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className={classes.check}>
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
      {title}
    </label>
  );
}

/** The sum as one would write it by hand. */
export function Sum({ children, testId }: { children: ReactNode; testId?: string }) {
  return (
    <p className={`${classes.sum} mono`} data-testid={testId} aria-live="polite">
      {children}
    </p>
  );
}
