import { Columns3, Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RunRow } from "../../wire/types";
import { useMeasureName } from "./names";
import type { View } from "./Runs";
import { type Limit, type Measure, satisfies } from "./rank";
import classes from "./runs.module.css";

interface RankToolsProps {
  rows: readonly RunRow[];
  measures: readonly Measure[];
  view: View;
  onView: (change: Partial<View>) => void;
  /** Whether only starred runs are listed. */
  stars: boolean;
  onStars: (stars: boolean) => void;
  columns: readonly { id: string; title: string }[];
  hidden: ReadonlySet<string>;
  onToggle: (column: string) => void;
}

/** Which number decides, what only has to be kept, and what of the runs is listed. */
export function RankTools(props: RankToolsProps) {
  const { rows, measures, view, onView, stars, onStars, columns, hidden, onToggle } = props;
  const { t } = useTranslation("runs");
  const measureName = useMeasureName();
  return (
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
        <input type="checkbox" checked={stars} onChange={() => onStars(!stars)} data-testid="runs-stars" />
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
              <input type="checkbox" checked={!hidden.has(column.id)} onChange={() => onToggle(column.id)} />
              {column.title}
            </label>
          ))}
        </div>
      </details>
    </div>
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
