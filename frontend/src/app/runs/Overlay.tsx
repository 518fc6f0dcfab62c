import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ManyLines, type NamedBand, type NamedLine } from "../../charts/ManyLines";
import { band } from "../../charts/manyLines";
import { hasEnded } from "../../state/run";
import { floatsOf, parseFrame } from "../../state/runFrames";
import { useTheme } from "../../views/view";
import * as http from "../../wire/http";
import type { Answer, RunRow } from "../../wire/types";
import { colourOf, isShare, numbered, seriesName } from "./names";
import { bySeed } from "./rank";
import classes from "./runs.module.css";

const AXES = ["step", "epoch", "seconds"] as const;
type Axis = (typeof AXES)[number];

/** One series of a run with every point: steps, epochs, seconds and values. */
interface Whole {
  at: Record<Axis, Float32Array>;
  values: Float32Array;
  /** The step that the run was at when it was asked for. */
  step: number;
  ended: boolean;
}

/** The series of the chosen runs; of those under way it is asked for again when they have gone on. */
function useWhole(rows: readonly RunRow[], series: string): ReadonlyMap<string, Whole> {
  const kept = useRef(new Map<string, Whole>());
  const asked = useRef(new Set<string>());
  const [known, setKnown] = useState<ReadonlyMap<string, Whole>>(new Map());
  useEffect(() => {
    for (const { run } of rows) {
      const key = `${run.id} ${series}`;
      const before = kept.current.get(key);
      if (asked.current.has(key) || before?.ended || before?.step === run.step) continue;
      asked.current.add(key);
      http
        .runCurves(run.id, [series])
        .then((bytes) => {
          const frame = parseFrame<Answer>(bytes);
          const array = floatsOf(frame, series);
          if (!array) return;
          const length = array.shape[1] ?? 0;
          const row = (at: number) => array.data.subarray(at * length, (at + 1) * length);
          kept.current.set(key, {
            at: { step: row(0), epoch: row(1), seconds: row(2) },
            values: row(3),
            step: run.step,
            ended: hasEnded(run.state),
          });
          setKnown(new Map(kept.current));
        })
        .catch(() => undefined)
        .finally(() => asked.current.delete(key));
    }
  }, [rows, series]);
  return known;
}

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
  const [axis, setAxis] = useState<Axis>("step");
  const [log, setLog] = useState(false);
  const [smoothing, setSmoothing] = useState(0);
  const drawn = metrics.filter((name) => !name.startsWith("test."));
  const series = drawn.includes(wanted) ? wanted : (drawn[0] ?? "validation.loss");
  const some = useMemo(() => rows.filter(({ run }) => chosen.has(run.id)), [rows, chosen]);
  const whole = useWhole(some, series);
  const number = useMemo(() => numbered(rows), [rows]);
  const { lines, bands } = useMemo(() => {
    const made: NamedLine[] = [];
    const means: NamedBand[] = [];
    const groups = grouped ? [...bySeed(some).values()] : some.map((row) => [row]);
    groups.forEach((group, at) => {
      const { colour, dashed } = colourOf(at);
      const own = group.flatMap(({ run }): NamedLine[] => {
        const found = whole.get(`${run.id} ${series}`);
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
        <label>
          {t("along")}
          <select
            value={axis}
            data-testid="overlay-axis"
            onChange={(event) => setAxis(event.currentTarget.value as Axis)}
          >
            {AXES.map((each) => (
              <option key={each} value={each}>
                {t(`axis.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          aria-pressed={log}
          title={t("logHelp")}
          data-testid="overlay-log"
          onClick={() => setLog(!log)}
        >
          {t("log")}
        </button>
        <label title={t("smoothingHelp")}>
          {t("smoothing")}
          <input
            type="range"
            min={0}
            max={0.99}
            step={0.01}
            value={smoothing}
            data-testid="overlay-smoothing"
            onChange={(event) => setSmoothing(event.currentTarget.valueAsNumber)}
          />
        </label>
      </div>
      <div className={classes.plot}>
        {some.length === 0 ? (
          <p className={classes.said}>{t("curvesHint")}</p>
        ) : lines.length + bands.length === 0 ? (
          <p className={classes.said}>{t("noCurve")}</p>
        ) : (
          <ManyLines
            lines={lines}
            bands={bands}
            log={log}
            smoothing={smoothing}
            percent={percent}
            unit={t(`axis.${axis}`)}
            theme={theme}
            label={t("chartLabel", { series: seriesName(series), count: some.length })}
            testId="overlay"
          />
        )}
      </div>
      <small className={classes.dim}>{t("whole")}</small>
    </section>
  );
}
