import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { LineChart, type NamedBand, type NamedLine } from "../../charts/LineChart";
import { band } from "../../charts/longLines";
import { CurveTools } from "../../dock/CurveTools";
import { useCurveChoice } from "../../state/curveChoice";
import { keyOfSeries, useWhole } from "../../state/wholeCurves";
import { useTheme } from "../../views/view";
import type { RunRow } from "../../wire/types";
import { colourOf, isShare, numbered, seriesName } from "./names";
import { bySeed } from "./rank";
import classes from "./runs.module.css";

interface OverlayProps {
  rows: readonly RunRow[];
  chosen: ReadonlySet<string>;
  metrics: readonly string[];
  grouped: boolean;
}

/** The curves of the chosen runs over each other; grouped over seeds, a mean with its spread. */
export function Overlay({ rows, chosen, metrics, grouped }: OverlayProps) {
  const { t } = useTranslation("runs");
  const theme = useTheme();
  const [wanted, setWanted] = useState("");
  const { t: say } = useTranslation("curves");
  const { axis, log, smoothing } = useCurveChoice();
  const drawn = metrics.filter((name) => !name.startsWith("test."));
  const series = drawn.includes(wanted) ? wanted : (drawn[0] ?? "validation.loss");
  const some = useMemo(() => rows.filter(({ run }) => chosen.has(run.id)), [rows, chosen]);
  const runs = useMemo(() => some.map(({ run }) => run), [some]);
  const drawnSeries = useMemo(() => [series], [series]);
  const whole = useWhole(runs, drawnSeries);
  const number = useMemo(() => numbered(rows), [rows]);
  const { lines, bands } = useMemo(() => {
    const made: NamedLine[] = [];
    const means: NamedBand[] = [];
    const groups = grouped ? [...bySeed(some).values()] : some.map((row) => [row]);
    groups.forEach((group, at) => {
      const { colour, dashed } = colourOf(at);
      const own = group.flatMap(({ run }): NamedLine[] => {
        const found = whole.get(keyOfSeries(run.id, series));
        if (!found || found.values.length === 0) return [];
        const name = t("runSeed", { number: number.get(run.id), seed: run.seed });
        return [{ id: run.id, name, colour, dashed, x: found.at[axis], y: found.values, length: found.values.length }];
      });
      const spread = own.length > 1 ? band(own) : null;
      if (!spread) made.push(...own);
      else {
        const name = t("groupName", { name: own[0]?.name.split(",")[0], count: own.length });
        means.push({ id: `band ${own[0]?.id}`, name, colour, ...spread });
      }
    });
    return { lines: made, bands: means };
  }, [some, whole, series, axis, grouped, number, t]);
  const percent = isShare(series);
  return (
    <section className={classes.overlay} aria-labelledby="curves">
      <div className={classes.tools}>
        <h2 id="curves">{t("curves")}</h2>
        <label>
          <span className="heard">{t("series")}</span>
          <select
            value={series}
            data-testid="overlay-series"
            onChange={(event) => setWanted(event.currentTarget.value)}
          >
            {drawn.map((name) => (
              <option key={name} value={name}>
                {seriesName(name)}
              </option>
            ))}
          </select>
        </label>
        <CurveTools testId="overlay" />
      </div>
      <div className={classes.plot}>
        {some.length === 0 ? (
          <p className={classes.said}>{t("curvesHint")}</p>
        ) : lines.length + bands.length === 0 ? (
          <p className={classes.said}>{t("noCurve")}</p>
        ) : (
          <LineChart
            key={axis}
            legend="side"
            all={say("all")}
            lines={lines}
            bands={bands}
            log={log}
            smoothing={smoothing}
            percent={percent}
            unit={say(`axis.${axis}`)}
            discrete={axis === "step"}
            theme={theme}
            label={t("chartLabel", { series: seriesName(series), count: some.length })}
            testId="overlay"
          />
        )}
      </div>
      <small className={classes.dim}>{say("keys")}</small>
    </section>
  );
}
