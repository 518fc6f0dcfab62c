import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "../../graph/amount";
import type { AboutData } from "../../wire/types";
import classes from "./data.module.css";
import { preview, useAnswer } from "./sets";

const ROWS = 20;
type Column = AboutData["columns"][number];
export type Part = "given" | "wanted" | "out";
export interface Parts {
  of: Readonly<Record<string, Part>>;
  task: "auto" | "classes" | "numbers";
}

const usable = ({ kind }: Column) => kind === "number" || kind === "category";

/** To begin with: the last usable column is to be told, from all others. */
export function partsOf(about: AboutData): Parts {
  const last = about.columns.filter(usable).at(-1)?.name;
  const part = (column: Column): Part => (!usable(column) ? "out" : column.name === last ? "wanted" : "given");
  return { of: Object.fromEntries(about.columns.map((column) => [column.name, part(column)])), task: "auto" };
}

export function columnsChosen({ of }: Parts): { target: string[]; features: string[] } {
  const named = (part: Part) => Object.keys(of).filter((name) => of[name] === part);
  return { target: named("wanted"), features: named("given") };
}

interface Props {
  id: string;
  about: AboutData;
  parts: Parts;
  onChange: (parts: Parts) => void;
}

/** A table: what is in each column, which is to be told and from which; and its rows. */
export function Columns({ id, about, parts, onChange }: Props) {
  const { t } = useTranslation("data");
  const [start, setStart] = useState(0);
  const { answer } = useAnswer(() => preview(id, start, ROWS, null), `${id} ${start}`);
  const targets = about.columns.filter(({ name }) => parts.of[name] === "wanted");
  const [target] = targets;
  const both = targets.length === 1 && target?.kind === "number" && target.names.length > 0;
  return (
    <section className={classes.table} aria-label={t("columns")}>
      <div className={classes.pick}>
        <p className={classes.sentence} data-testid="picked">
          {target
            ? t("picked", {
                count: Object.values(parts.of).filter((part) => part === "given").length,
                target: targets.map(({ name }) => name).join(", "),
              })
            : t("pickOne")}
        </p>
        {both && (
          <label>
            {t("task.title")}
            <select
              value={parts.task}
              data-testid="task"
              onChange={(event) => onChange({ ...parts, task: event.currentTarget.value as Parts["task"] })}
            >
              {(["auto", "classes", "numbers"] as const).map((task) => (
                <option key={task} value={task}>
                  {t(`task.${task}`)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too */}
      <section className={classes.scroll} tabIndex={0} aria-label={t("rows")}>
        <table>
          <thead>
            <tr>
              {about.columns.map((column) => (
                <th key={column.name} scope="col" data-part={parts.of[column.name]}>
                  <ColumnHead
                    column={column}
                    part={parts.of[column.name] ?? "out"}
                    onChange={(part) => {
                      const of = { ...parts.of, [column.name]: part };
                      // One is told at a time: what was to be told until now is given again.
                      if (part === "wanted")
                        for (const { name } of targets) if (name !== column.name) of[name] = "given";
                      onChange({ ...parts, of });
                    }}
                  />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {answer?.rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its number
              <tr key={start + at}>
                {row.map((cell, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
                  <td key={place} className={typeof cell === "number" ? "mono" : undefined}>
                    {cell === null ? (
                      <i>{t(about.columns[place]?.kind === "text" ? "notKept" : "missing")}</i>
                    ) : typeof cell === "number" ? (
                      Number(cell.toPrecision(6))
                    ) : (
                      cell
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Pager start={start} count={ROWS} total={about.count} onChange={setStart} />
    </section>
  );
}

function ColumnHead({ column, part, onChange }: { column: Column; part: Part; onChange: (part: Part) => void }) {
  const { t } = useTranslation("data");
  const bars = column.histogram.length > 0 && column.names.length === 0 ? column.histogram : column.counts.slice(0, 24);
  const most = Math.max(1, ...bars);
  const wide = 108 / Math.max(1, bars.length);
  return (
    <div className={classes.column} data-testid={`column-${column.name}`}>
      <b title={column.name}>{column.name}</b>
      <span>
        {t(`kind.${column.kind}`)}
        {column.missing > 0 && ` · ${t("missingCount", { exact: exact(column.missing) })}`}
      </span>
      <svg viewBox="0 0 108 34" role="img" aria-label={t("histogram", { name: column.name })}>
        {bars.map((count, at) => {
          const high = count === 0 ? 0 : Math.max(1, (count / most) * 32);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
            <rect key={at} x={at * wide} y={34 - high} width={Math.max(1, wide - 1)} height={high}>
              <title>{column.names[at] ? `${column.names[at]}: ${exact(count)}` : exact(count)}</title>
            </rect>
          );
        })}
      </svg>
      <span className="mono">
        {column.kind === "number" && column.low !== null && column.high !== null
          ? `${Number(column.low.toPrecision(4))} – ${Number(column.high.toPrecision(4))}`
          : t("distinct", { count: column.distinct, exact: exact(column.distinct) })}
      </span>
      <select
        value={part}
        disabled={!usable(column)}
        aria-label={t("partOf", { name: column.name })}
        data-testid={`part-${column.name}`}
        onChange={(event) => onChange(event.currentTarget.value as Part)}
      >
        {(["given", "wanted", "out"] as const).map((each) => (
          <option key={each} value={each}>
            {t(`part.${each}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

interface PagerProps {
  start: number;
  count: number;
  total: number;
  onChange: (start: number) => void;
}

export function Pager({ start, count, total, onChange }: PagerProps) {
  const { t } = useTranslation("data");
  if (total <= count) return null;
  const last = Math.min(total, start + count);
  return (
    <nav className={classes.pager} aria-label={t("pages")}>
      <button
        type="button"
        className={classes.plain}
        disabled={start === 0}
        aria-label={t("before")}
        onClick={() => onChange(Math.max(0, start - count))}
      >
        <ChevronLeft size={16} aria-hidden />
      </button>
      <span className="mono">{t("place", { from: exact(start + 1), to: exact(last), total: exact(total) })}</span>
      <button
        type="button"
        className={classes.plain}
        disabled={last >= total}
        aria-label={t("after")}
        onClick={() => onChange(start + count)}
      >
        <ChevronRight size={16} aria-hidden />
      </button>
    </nav>
  );
}
