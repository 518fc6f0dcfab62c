import { Columns3, GitCompareArrows, Plus, Repeat, Star, Trash2, X } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "../../graph/amount";
import * as http from "../../wire/http";
import type { RunRow } from "../../wire/types";
import { go } from "../router";
import { numbered, seriesName, settingName, settingValue, useMeasureName, useWritten } from "./names";
import type { View } from "./Runs";
import { bySeed, choosable, type Limit, type Measure, numberOf, ranked, satisfies, spreadOf } from "./rank";
import classes from "./runs.module.css";

const CLOCK = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const KEY = "chalknet.runs.columns";
const COSTS = ["parameters", "macs", "seconds"] as const;
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
}

/** Every run with what it gave, what it cost and what was different about it; the best first. */
export function RunTable(props: RunTableProps) {
  const { id, rows, metrics, view, onView, chosen, onChoose, mayChange, onChanged } = props;
  const { t } = useTranslation("runs");
  const write = useWritten();
  const measureName = useMeasureName();
  const [hidden, setHidden] = useState(keptColumns);
  const [stars, setStars] = useState(false);
  const [asking, setAsking] = useState(false);
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
      <div className={classes.tools}>
        <label>
          {t("rankBy")}
          <select
            value={view.by}
            title={t("rankHelp")}
            data-testid="runs-by"
            onChange={(event) => onView({ by: event.currentTarget.value as Measure })}
          >
            {[...measures].reverse().map((each) => (
              <option key={each} value={each}>
                {measureName(each)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span className="heard">{t("which")}</span>
          <select
            value={String(view.best)}
            data-testid="runs-best"
            onChange={(event) => onView({ best: event.currentTarget.value === "true" })}
          >
            <option value="true">{t("best")}</option>
            <option value="false">{t("last")}</option>
          </select>
        </label>
        <Limits measures={measures} limits={view.limits} onChange={(limits) => onView({ limits })} />
        {view.limits.length > 0 && (
          <span className={classes.dim} data-testid="runs-kept">
            {t("kept", {
              count: rows.filter((row) => satisfies(row, view.limits, view.best)).length,
              all: rows.length,
            })}
          </span>
        )}
        <span className={classes.gapFill} />
        <label className={classes.check}>
          <input type="checkbox" checked={stars} onChange={() => setStars(!stars)} data-testid="runs-stars" />
          {t("onlyStars")}
        </label>
        <label className={classes.check} title={t("groupHelp")}>
          <input
            type="checkbox"
            checked={view.grouped}
            data-testid="runs-group"
            onChange={() => onView({ grouped: !view.grouped })}
          />
          {t("group")}
        </label>
        <details className={classes.columns}>
          <summary data-testid="runs-columns">
            <Columns3 size={15} aria-hidden /> {t("columns")}
          </summary>
          <div>
            {columns.map((column) => (
              <label key={column.id} className={classes.check}>
                <input type="checkbox" checked={shows(column.id)} onChange={() => toggle(column.id)} />
                {column.title}
              </label>
            ))}
          </div>
        </details>
      </div>
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
      <div className={classes.tools} data-testid="runs-actions">
        <span className={classes.dim}>{t("chosen", { count: there.length })}</span>
        <button
          type="button"
          disabled={there.length !== 2}
          title={t("compareHelp")}
          data-testid="runs-compare"
          onClick={() => go(`/b/${id}/compare?of=${there[1]}&with=${encodeURIComponent(`run:${there[0]}`)}`)}
        >
          <GitCompareArrows size={15} aria-hidden /> {t("compare")}
        </button>
        <button
          type="button"
          disabled={there.length !== 1 || !mayChange}
          title={t("seedsHelp")}
          data-testid="runs-seeds"
          onClick={() => doing(() => http.trainSeeds(there[0] as string, [0, 1, 2, 3, 4]))}
        >
          <Repeat size={15} aria-hidden /> {t("seeds")}
        </button>
        {asking ? (
          <span role="alertdialog" aria-label={t("delete")} className={classes.ask}>
            {t("deleteAsk", { count: there.length })}
            <button
              type="button"
              data-danger
              data-testid="runs-delete-yes"
              onClick={() => {
                setAsking(false);
                onChoose(new Set());
                void doing(async () => {
                  for (const each of there) await http.deleteRun(each);
                });
              }}
            >
              {t("deleteYes")}
            </button>
            {/* biome-ignore lint/a11y/noAutofocus: nothing is deleted by a second press of the same key */}
            <button type="button" autoFocus onClick={() => setAsking(false)}>
              {t("keep")}
            </button>
          </span>
        ) : (
          <button
            type="button"
            disabled={there.length === 0 || !mayChange}
            data-testid="runs-delete"
            onClick={() => setAsking(true)}
          >
            <Trash2 size={15} aria-hidden /> {t("delete")}
          </button>
        )}
        {failed !== null && (
          <span role="alert" className={classes.alert}>
            {failed}
          </span>
        )}
      </div>
    </section>
  );
}

interface LimitsProps {
  measures: readonly Measure[];
  limits: readonly Limit[];
  onChange: (limits: readonly Limit[]) => void;
}

/** What a run only has to keep. */
function Limits({ measures, limits, onChange }: LimitsProps) {
  const { t } = useTranslation("runs");
  const measureName = useMeasureName();
  const change = (at: number, part: Partial<Limit>) =>
    onChange(limits.map((limit, index) => (index === at ? { ...limit, ...part } : limit)));
  return (
    <div className={classes.limits} title={t("limitsHelp")}>
      {t("limits")}
      {limits.map((limit, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: limits have no names, and are few
        <span key={at} className={classes.limit}>
          <select
            value={limit.of}
            aria-label={t("limitOf")}
            onChange={(event) => change(at, { of: event.currentTarget.value as Measure })}
          >
            {measures.map((each) => (
              <option key={each} value={each}>
                {measureName(each)}
              </option>
            ))}
          </select>
          <select
            value={limit.side}
            aria-label={t("side")}
            onChange={(event) => change(at, { side: event.currentTarget.value as Limit["side"] })}
          >
            <option value="most">{t("atMost")}</option>
            <option value="least">{t("atLeast")}</option>
          </select>
          <input
            type="number"
            step="any"
            value={Number.isFinite(limit.value) ? limit.value : ""}
            aria-label={t("limitValue")}
            data-testid="runs-limit"
            onChange={(event) => change(at, { value: event.currentTarget.valueAsNumber })}
          />
          <button
            type="button"
            aria-label={t("removeLimit")}
            onClick={() => onChange(limits.filter((_, index) => index !== at))}
          >
            <X size={14} aria-hidden />
          </button>
        </span>
      ))}
      <button
        type="button"
        aria-label={t("addLimit")}
        data-testid="runs-add-limit"
        onClick={() => onChange([...limits, { of: "seconds", side: "most", value: 60 }])}
      >
        <Plus size={14} aria-hidden />
      </button>
    </div>
  );
}
