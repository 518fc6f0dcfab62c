/** What cards are made of: numbers to be typed, formulas with the numbers in them, small tables, decisions. */
import { Minus, Plus } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Formula } from "../editor/Formula";
import classes from "./learn.module.css";
import { putIn } from "./write";

interface NumberProps {
  /** What stands before it; nothing in a table, whose heads say it. */
  name?: ReactNode;
  label?: string;
  value: number;
  low?: number;
  high?: number;
  step?: number;
  whole?: boolean;
  unit?: string;
  testId?: string;
  onChange: (value: number) => void;
}

/** A number to type. What is none, or out of range, is marked and changes nothing. */
export function Num({ name, label, value, low = -1e9, high = 1e9, step, whole, unit, testId, onChange }: NumberProps) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const read = (text: string) => {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    return Number.isFinite(number) && number >= low && number <= high && (!whole || Number.isInteger(number))
      ? number
      : null;
  };
  const wrong = typed !== null && read(typed) === null;
  return (
    <span className={classes.number}>
      {name !== undefined && <label htmlFor={id}>{name}</label>}
      <input
        id={id}
        type="number"
        className="mono"
        aria-label={name === undefined ? label : undefined}
        aria-invalid={wrong || undefined}
        value={typed ?? String(Number(value.toFixed(8)))}
        min={low === -1e9 ? undefined : low}
        max={high === 1e9 ? undefined : high}
        step={step ?? (whole ? 1 : "any")}
        data-testid={testId}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          const number = read(text);
          if (number !== null) onChange(number);
        }}
        onBlur={() => setTyped(null)}
      />
      {unit && <span className={classes.unit}>{unit}</span>}
    </span>
  );
}

/** Several numbers side by side, under one name. */
export function Row({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <fieldset className={classes.row}>
      {title && <legend>{title}</legend>}
      {children}
    </fieldset>
  );
}

interface GridProps {
  title: string;
  rows: readonly (readonly number[])[];
  columns: readonly string[];
  names?: readonly string[];
  low?: number;
  high?: number;
  onChange: (rows: number[][]) => void;
  children?: ReactNode;
}

/** A matrix to type in. */
export function Grid({ title, rows, columns, names, low, high, onChange, children }: GridProps) {
  return (
    <fieldset className={classes.gridBox}>
      <legend>{title}</legend>
      <div className={classes.scroll}>
        <table className={classes.grid}>
          <thead>
            <tr>
              {names && <td />}
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, r) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
              <tr key={r}>
                {names && <th scope="row">{names[r]}</th>}
                {row.map((value, c) => (
                  <td key={columns[c]}>
                    <Num
                      label={`${title}: ${names?.[r] ?? r + 1}, ${columns[c]}`}
                      value={value}
                      low={low}
                      high={high}
                      onChange={(next) => onChange(putIn(rows, r, c, next))}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {children}
    </fieldset>
  );
}

/** One more, one less. */
export function Amount({ title, onMore, onLess }: { title: string; onMore?: () => void; onLess?: () => void }) {
  const { t } = useTranslation("learn");
  return (
    <span className={classes.amount}>
      {title}
      <button type="button" aria-label={t("parts.less", { title })} disabled={!onLess} onClick={onLess}>
        <Minus size={14} aria-hidden />
      </button>
      <button type="button" aria-label={t("parts.more", { title })} disabled={!onMore} onClick={onMore}>
        <Plus size={14} aria-hidden />
      </button>
    </span>
  );
}

/** A formula with the numbers in it, and before it what it says. */
export function Line({ name, children, testId }: { name: string; children: string; testId?: string }) {
  return (
    <div className={classes.line} data-testid={testId} data-tex={children}>
      <span className={classes.name}>{name}</span>
      <Formula text={children} label={`${name}: ${children}`} />
    </div>
  );
}

export function Lines({ children }: { children: ReactNode }) {
  return <div className={classes.lines}>{children}</div>;
}

type Mood = "good" | "bad" | "plain";

/** What it comes to, in one sentence; heard when it changes. */
export function Verdict({ mood = "plain", children, testId }: { mood?: Mood; children: ReactNode; testId?: string }) {
  return (
    <p className={classes.verdict} data-mood={mood} role="status" data-testid={testId ?? "verdict"}>
      {children}
    </p>
  );
}

export function Note({ children }: { children: ReactNode }) {
  return <p className={classes.note}>{children}</p>;
}

interface PressProps {
  children: ReactNode;
  onClick: () => void;
  /** Of a press that chooses: whether it is what is chosen. */
  on?: boolean;
}

/** A press. */
export function Press({ children, onClick, on }: PressProps) {
  return (
    <button type="button" className={classes.press} onClick={onClick} aria-pressed={on}>
      {children}
    </button>
  );
}

/** Numbers on the left, what follows from them on the right; below each other on a small screen. */
export function Sides({ children }: { children: ReactNode }) {
  return <div className={classes.sides}>{children}</div>;
}

export function Side({ children }: { children: ReactNode }) {
  return <div className={classes.side}>{children}</div>;
}

interface TableProps {
  label: string;
  heads: readonly ReactNode[];
  /** The first of a row is its head. */
  rows: readonly { key: string; cells: readonly ReactNode[]; lit?: boolean; dim?: boolean }[];
}

export function Table({ label, heads, rows }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      <table className={classes.table}>
        {heads.some((head) => head !== "") && (
          <thead>
            <tr>
              {heads.map((head, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                <th key={at} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map(({ key, cells, lit, dim }) => (
            <tr key={key} data-lit={lit || undefined} data-dim={dim || undefined}>
              {cells.map((cell, at) =>
                at === 0 ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                  <th key={at} scope="row">
                    {cell}
                  </th>
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                  <td key={at}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Bars from 0 to the largest, with their numbers. */
export function Bars({
  label,
  bars,
}: {
  label: string;
  bars: readonly { name: string; value: number; text: string }[];
}) {
  const most = Math.max(1e-12, ...bars.map(({ value }) => Math.abs(value)));
  return (
    <ul className={classes.bars} aria-label={label}>
      {bars.map(({ name, value, text }) => (
        <li key={name}>
          <span>{name}</span>
          <span className={classes.track}>
            <i data-negative={value < 0 || undefined} style={{ width: `${(100 * Math.abs(value)) / most}%` }} />
          </span>
          <output className="mono">{text}</output>
        </li>
      ))}
    </ul>
  );
}
