import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "../../graph/amount";
import type { AboutData } from "../../wire/types";
import classes from "./data.module.css";
import { asTaken, choices, type Kind, lostBy, type Part, type Parts, usable } from "./kinds";
import { preview, useAnswer } from "./sets";

const ROWS = 20;
type Column = AboutData["columns"][number];
const MISSING = ["mean", "median", "frequent", "drop", "own"] as const;

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
  const columns = about.columns.map((column) => asTaken(column, parts.as[column.name], about.count));
  const targets = columns.filter(({ name }) => parts.of[name] === "wanted");
  const gaps = columns.some(({ name, missing }) => missing > 0 && parts.of[name] === "given");
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
        {gaps && (
          <label title={t("fill.help")}>
            {t("fill.title")}
            <select
              value={parts.missing}
              data-testid="missing"
              onChange={(event) => onChange({ ...parts, missing: event.currentTarget.value as Parts["missing"] })}
            >
              {MISSING.map((each) => (
                <option key={each} value={each}>
                  {t(`fill.${each}`)}
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
                    rows={about.count}
                    as={parts.as[column.name]}
                    onTake={(kind) => {
                      const as = { ...parts.as, [column.name]: kind };
                      const taken = asTaken(column, kind, about.count);
                      const part = parts.of[column.name] ?? "out";
                      const fits = usable(taken)
                        ? usable(asTaken(column, parts.as[column.name], about.count))
                          ? part
                          : "given"
                        : "out";
                      onChange({ ...parts, as, of: { ...parts.of, [column.name]: fits } });
                    }}
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
                      <i>{t(columns[place]?.kind === "text" ? "notKept" : "missing")}</i>
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

interface HeadProps {
  column: Column;
  rows: number;
  /** What the person takes it for; undefined: what it looks like. */
  as: Kind | undefined;
  part: Part;
  onTake: (kind: Kind) => void;
  onChange: (part: Part) => void;
}

function ColumnHead({ column: plain, rows, as, part, onTake, onChange }: HeadProps) {
  const { t } = useTranslation("data");
  const column = asTaken(plain, as, rows);
  const kinds = choices(plain);
  const lost = lostBy(plain, as, rows);
  const bars = column.histogram.length > 0 && column.names.length === 0 ? column.histogram : column.counts.slice(0, 24);
  const most = Math.max(1, ...bars);
  const wide = 108 / Math.max(1, bars.length);
  return (
    <div className={classes.column} data-testid={`column-${column.name}`}>
      <b title={column.name}>{column.name}</b>
      <span>
        {kinds.length > 1 ? (
          <select
            value={column.kind}
            aria-label={t("kindOf", { name: column.name })}
            data-testid={`kind-${column.name}`}
            onChange={(event) => onTake(event.currentTarget.value as Kind)}
          >
            {kinds.map((each) => (
              <option key={each} value={each}>
                {t(`kind.${each}`)}
              </option>
            ))}
          </select>
        ) : (
          t(`kind.${column.kind}`)
        )}
      </span>
      {column.missing > 0 && <span>{t("missingCount", { exact: exact(column.missing) })}</span>}
      {lost > 0 && <em data-testid={`lost-${column.name}`}>{t("lost", { count: lost, exact: exact(lost) })}</em>}
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
