import { Star } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "../../graph/amount";
import * as http from "../../wire/http";
import type { RunRow } from "../../wire/types";
import { numbered, seriesName, settingName, settingValue, useWritten } from "./names";
import { RankTools } from "./RankTools";
import { RunActions } from "./RunActions";
import type { View } from "./Runs";
import { bySeed, COSTS, choosable, type Measure, numberOf, ranked, satisfies, spreadOf } from "./rank";
import classes from "./runs.module.css";

const CLOCK = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const KEY = "chalknet.runs.columns";
const FIXED = ["state", ...COSTS, "seed", "hash", "created", "note"] as const;
const HIDDEN_AT_FIRST = ["macs", "hash", "created"];

function keptColumns(): ReadonlySet<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY) ?? "null") ?? HIDDEN_AT_FIRST);
  } catch {
    return new Set(HIDDEN_AT_FIRST);
  }
}

interface RunTableProps {
  id: string;
  rows: readonly RunRow[];
  metrics: readonly string[];
  view: View;
  onView: (change: Partial<View>) => void;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  mayChange: boolean;
  onChanged: () => void;
  /** Asks these runs about the same samples. */
  onAsk: (runs: readonly string[]) => void;
  /** These runs were deleted. */
  onDeleted: (runs: readonly string[]) => void;
}

/** Every run with what it gave, what it cost and what was different about it; the best first. */
export function RunTable(props: RunTableProps) {
  const { id, rows, metrics, view, onView, chosen, onChoose, mayChange, onChanged, onAsk, onDeleted } = props;
  const { t } = useTranslation("runs");
  const write = useWritten();
  const [hidden, setHidden] = useState(keptColumns);
  const [stars, setStars] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const number = useMemo(() => numbered(rows), [rows]);
  const order = useMemo(() => ranked(rows, view.by, view.limits, view.best), [rows, view.by, view.limits, view.best]);
  const settings = Object.keys(rows[0]?.settings ?? {}).filter((path) => path !== "recipe.seed");
  const rank = new Map(order.map((run, at) => [run, at + 1]));
  const listed = rows
    .filter(({ star }) => !stars || star)
    .toSorted((a, b) => (rank.get(a.run.id) ?? rows.length + 1) - (rank.get(b.run.id) ?? rows.length + 1));
  const groups = view.grouped ? [...bySeed(listed).values()] : listed.map((row) => [row]);
  const shows = (column: string) => !hidden.has(column);
  const toggle = (column: string) => {
    const next = new Set(hidden);
    if (!next.delete(column)) next.add(column);
    setHidden(next);
    localStorage.setItem(KEY, JSON.stringify([...next]));
  };
  const there = rows.filter(({ run }) => chosen.has(run.id)).map(({ run }) => run.id);
  const doing = async (work: () => Promise<unknown>) => {
    try {
      await work();
      setFailed(null);
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    }
    onChanged();
  };
  const nameOf = ({ run }: RunRow) => t("run", { number: number.get(run.id) });
  const measures: Measure[] = [...COSTS, ...choosable(metrics).map((name): Measure => `metric:${name}`)];
  const pick = (ids: readonly string[], on: boolean) => {
    const next = new Set(there);
    for (const each of ids) {
      if (on) next.add(each);
      else next.delete(each);
    }
    onChoose(next);
  };
  const columns = [
    ...metrics.map((name) => ({ id: `metric:${name}`, title: seriesName(name) })),
    ...settings.map((path) => ({ id: path, title: settingName(path) })),
    ...FIXED.map((name) => ({ id: name as string, title: t(`column.${name}`) })),
  ];
  return (
    <section className={classes.tableSection} aria-label={t("title")}>
      <RankTools
        rows={rows}
        measures={measures}
        view={view}
        onView={onView}
        stars={stars}
        onStars={setStars}
        columns={columns}
        hidden={hidden}
        onToggle={toggle}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={t("title")}>
        <table className={classes.table} data-testid="runs-table">
          <thead>
            <tr>
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label={t("chooseAll")}
                  checked={there.length === rows.length}
                  onChange={(event) =>
                    pick(
                      rows.map(({ run }) => run.id),
                      event.currentTarget.checked,
                    )
                  }
                />
              </th>
              <th scope="col">{t("column.rank")}</th>
              <th scope="col">
                <span className="heard">{t("column.star")}</span>
              </th>
              <th scope="col" data-left>
                {t("column.name")}
              </th>
              {columns
                .filter(({ id: column }) => shows(column))
                .map((column) => (
                  <th
                    key={column.id}
                    scope="col"
                    title={column.id.includes(".") && !column.id.startsWith("metric:") ? column.id : column.title}
                    data-left={["state", "note", "hash"].includes(column.id) || undefined}
                    data-by={column.id === view.by || undefined}
                  >
                    {column.title}
                  </th>
                ))}
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => {
              const row = group[0] as RunRow;
              const { run } = row;
              const ids = group.map((each) => each.run.id);
              const name = nameOf(row);
              const cell = (measure: Measure) => {
                if (group.length === 1) return write(measure, numberOf(row, measure, view.best));
                const numbers = group.map((each) => numberOf(each, measure, view.best)).filter((each) => each !== null);
                const found = spreadOf(numbers);
                if (!found) return "–";
                if (measure === "parameters" || measure === "macs") return write(measure, found.mean);
                return `${write(measure, found.mean)}${found.spread === null ? "" : ` ± ${write(measure, found.spread)}`}`;
              };
              const place = group.map((each) => rank.get(each.run.id)).find((each) => each !== undefined);
              return (
                <tr
                  key={run.id}
                  data-testid="runs-row"
                  data-run={run.id}
                  data-out={!satisfies(row, view.limits, view.best) || undefined}
                  data-first={place === 1 || undefined}
                  data-chosen={ids.every((each) => chosen.has(each)) || undefined}
                >
                  <td>
                    <input
                      type="checkbox"
                      aria-label={t("choose", { name })}
                      checked={ids.every((each) => chosen.has(each))}
                      onChange={(event) => pick(ids, event.currentTarget.checked)}
                    />
                  </td>
                  <td>{place ?? "–"}</td>
                  <td>
                    <button
                      type="button"
                      className={classes.star}
                      disabled={!mayChange}
                      aria-pressed={row.star}
                      aria-label={t(row.star ? "unstar" : "star", { name })}
                      onClick={() => doing(() => http.sayOfRun(run.id, { star: !row.star }))}
                    >
                      <Star size={14} aria-hidden fill={row.star ? "currentColor" : "none"} />
                    </button>
                  </td>
                  <td data-left>
                    {name}
                    {group.length > 1 && <small> · {t("groupOf", { count: group.length })}</small>}
                  </td>
                  {columns
                    .filter(({ id: column }) => shows(column))
                    .map(({ id: column }) =>
                      column.startsWith("metric:") ||
                      column === "parameters" ||
                      column === "macs" ||
                      column === "seconds" ? (
                        <td
                          key={column}
                          title={column === "parameters" || column === "macs" ? exact(row[column]) : undefined}
                          data-by={column === view.by || undefined}
                        >
                          {cell(column as Measure)}
                        </td>
                      ) : column === "state" ? (
                        <td key={column} data-left title={run.message}>
                          <span className={classes.state} data-state={run.state}>
                            {t(`state.${run.state}`)}
                          </span>
                        </td>
                      ) : column === "note" ? (
                        <td key={column} data-left className={classes.note}>
                          <input
                            key={row.note}
                            defaultValue={row.note}
                            maxLength={2000}
                            disabled={!mayChange}
                            placeholder={mayChange ? t("addNote") : ""}
                            aria-label={t("noteOf", { name })}
                            title={row.note}
                            onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
                            onBlur={(event) => {
                              const note = event.currentTarget.value;
                              if (note !== row.note) void doing(() => http.sayOfRun(run.id, { note }));
                            }}
                          />
                        </td>
                      ) : (
                        <td
                          key={column}
                          data-left={column === "hash" || undefined}
                          title={column === "hash" ? run.hash : undefined}
                        >
                          {column === "seed"
                            ? group
                                .map((each) => each.run.seed)
                                .sort((a, b) => a - b)
                                .join(", ")
                            : column === "hash"
                              ? run.hash.slice(0, 7)
                              : column === "created"
                                ? CLOCK.format(1000 * run.created)
                                : settingValue(row.settings[column])}
                        </td>
                      ),
                    )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <RunActions
        id={id}
        rows={rows}
        chosen={there}
        mayChange={mayChange}
        failed={failed}
        doing={doing}
        onChoose={onChoose}
        onAsk={onAsk}
        onDeleted={onDeleted}
      />
    </section>
  );
}
