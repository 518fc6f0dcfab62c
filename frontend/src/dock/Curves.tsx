import { Popover } from "@mantine/core";
import { SlidersHorizontal } from "lucide-react";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { LineChart } from "../charts/LineChart";
import { point, usePointer } from "../charts/pointer";
import { chooseCurves, UNDER, type Under, useCurveChoice } from "../state/curveChoice";
import type { Run } from "../state/run";
import { useCurrentRun, useCurves } from "../state/runHooks";
import type { Axis } from "../state/runSeries";
import { useRuns } from "../state/runs";
import { NOW } from "../state/runWatch";
import { useScrubbed } from "../state/scrub";
import { keyOfSeries, useWhole } from "../state/wholeCurves";
import { useTheme } from "../views/view";
import { Waiting } from "../views/Waiting";
import { CurveTools } from "./CurveTools";
import classes from "./curves.module.css";
import { earlier } from "./earlier";
import { linesUnder, lossLines, metricLines, type Source } from "./metrics";

const KNOWN = ["accuracy", "map50", "map"] as const;
type Known = (typeof KNOWN)[number];
const isKnown = (name: string): name is Known => (KNOWN as readonly string[]).includes(name);

/** Both charts share one crosshair and one zoom. */
const GROUP = "curves";
/** Fewer points than this of a series were never thinned. */
const THINNED = 600;

const NOTHING: readonly string[] = [];

/** The step's place on an axis, by the points of a series; the step itself where none is near. */
function placeOf(run: Run, step: number, axis: Axis): number {
  if (axis === "step") return step;
  let best: { distance: number; at: number } | null = null;
  for (const series of run.curves.series.values()) {
    let [low, high] = [0, series.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((series.x[middle] as number) < step) low = middle + 1;
      else high = middle;
    }
    for (const at of [low - 1, low]) {
      if (at < 0 || at >= series.length) continue;
      const distance = Math.abs((series.x[at] as number) - step);
      if (!best || distance < best.distance) best = { distance, at: series.along(axis)[at] as number };
    }
  }
  return best?.at ?? 0;
}

/** What both charts draw from: the run's points, all of them where one looks closely, and those of earlier runs. */
function useSource(run: Run | null, version: number) {
  const { axis, under } = useCurveChoice();
  const list = useRuns((state) => state.list);
  const zoomed = usePointer(GROUP).view !== null;
  const rewinds = run?.curves.rewinds ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the series' contents
  const names = useMemo(
    () =>
      run
        ? run.curves.names().filter((name) => name === "train.penalty" || /^(train|validation)\.(?!loss\.)/.test(name))
        : NOTHING,
    [run, version],
  );
  const key = names.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the names
  const series = useMemo(() => names, [key]);
  const long = names.some((name) => (run?.curves.series.get(name)?.length ?? 0) >= THINNED);
  const self = useMemo(() => (run && zoomed && long ? [run.summary] : []), [run, zoomed, long]);
  const whole = useWhole(self, series, rewinds);
  const others = useMemo(() => (run ? earlier(list, run.id, under) : []), [list, run, under]);
  const known = useWhole(others, series);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the series' contents
  return useMemo(() => {
    const source: Source | null = run && {
      curves: run.curves,
      axis,
      ...(zoomed ? { whole: (name: string) => whole.get(keyOfSeries(run.id, name)) } : {}),
    };
    return { source, others, known };
  }, [run, version, axis, zoomed, whole, others, known]);
}

function useChart() {
  const { t } = useTranslation("curves");
  const theme = useTheme();
  const run = useCurrentRun();
  const version = useCurves(run);
  const { axis, smoothing } = useCurveChoice();
  const { source, others, known } = useSource(run, version);
  const list = useRuns((state) => state.list);
  const scrubbed = useScrubbed(run);
  const notes = run?.notes;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the points
  const marks = useMemo(
    () => (run ? (notes ?? []).map(({ step, text }) => ({ x: placeOf(run, step, axis), text })) : []),
    [run, notes, axis, version],
  );
  // Another axis or another run: what was zoomed into is not there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they say when, not what
  useEffect(() => point(GROUP, { view: null, under: null }), [axis, run?.id]);
  const number = (id: string) => list.length - list.findIndex((each) => each.id === id);
  return {
    source,
    under: useMemo(() => ({ runs: others.map(({ id }) => id), known }), [others, known]),
    name: (id: string, line: string) => t("ofRun", { number: number(id), line }),
    chart: {
      at: scrubbed === NOW || !run ? null : placeOf(run, scrubbed, axis),
      marks,
      smoothing,
      unit: t(`axis.${axis}`),
      discrete: axis === "step",
      theme,
      group: GROUP,
      all: t("all"),
    },
    axis,
  };
}

export function LossCurve() {
  const { t } = useTranslation("dock");
  const { source, under, name, chart, axis } = useChart();
  const log = useCurveChoice((choice) => choice.log);
  // biome-ignore lint/correctness/useExhaustiveDependencies: words do not change while it is looked at
  const lines = useMemo(() => {
    if (!source) return [];
    const own = lossLines(source, (part) => t(`curves.${part}`));
    return [...own, ...linesUnder(own, under.runs, under.known, axis, name)];
  }, [source, under, axis]);

  if (lines.length === 0) {
    return <Empty title={t("curves.loss")} subject="curves" testId="curve-loss" />;
  }
  return (
    <LineChart
      {...chart}
      title={t("curves.loss")}
      lines={lines}
      log={log}
      label={t("curves.lossLabel", { axis: chart.unit })}
      testId="curve-loss"
    >
      <Settings testId="curve-loss" />
    </LineChart>
  );
}

export function MetricCurve() {
  const { t } = useTranslation("dock");
  const { source, under, name, chart, axis } = useChart();
  const titleOf = useMetricTitle();
  // biome-ignore lint/correctness/useExhaustiveDependencies: words do not change while it is looked at
  const metrics = useMemo(() => {
    if (!source) return null;
    const own = metricLines(source, (part, metric, alone) => {
      const short = isKnown(metric) ? t(`curves.short.${metric}`) : metric;
      return alone ? t(`curves.${part}`) : part === "train" ? `${t("curves.train")} ${short}` : short;
    });
    return { ...own, lines: [...own.lines, ...linesUnder(own.lines, under.runs, under.known, axis, name)] };
  }, [source, under, axis]);

  if (!metrics || metrics.lines.length === 0) {
    return <Empty title={t("curves.metrics")} subject="metrics" testId="curve-metric" />;
  }
  const title = titleOf(metrics.names);
  return (
    <LineChart
      {...chart}
      title={title}
      lines={metrics.lines}
      percent={metrics.shares}
      label={t("curves.metricLabel", { name: title, axis: chart.unit })}
      testId="curve-metric"
    >
      <Settings testId="curve-metric" />
    </LineChart>
  );
}

/** Along what, on which scale, how smooth, and over which earlier runs both charts are drawn. */
function Settings({ testId }: { testId: string }) {
  const { t } = useTranslation("curves");
  const under = useCurveChoice((choice) => choice.under);
  const run = useCurrentRun();
  const list = useRuns((state) => state.list);
  const none = under !== "none" && run !== null && earlier(list, run.id, under).length === 0;
  return (
    <Popover position="top-end" shadow="md" width={280} withArrow trapFocus>
      <Popover.Target>
        <button type="button" aria-label={t("settings")} title={t("settings")} data-testid={`${testId}-settings`}>
          <SlidersHorizontal size={12} aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes.sheet} aria-label={t("settings")}>
        <CurveTools testId={testId} />
        <label title={t("underHelp")}>
          {t("under.label")}
          <select
            value={under}
            data-testid={`${testId}-under`}
            onChange={(event) => chooseCurves({ under: event.currentTarget.value as Under })}
          >
            {UNDER.map((each) => (
              <option key={each} value={each}>
                {t(`under.${each}`)}
              </option>
            ))}
          </select>
        </label>
        {none && <p>{t(under === "origin" ? "noOrigin" : "noEarlier")}</p>}
        <p>{t("keys")}</p>
      </Popover.Dropdown>
    </Popover>
  );
}

function useMetricTitle() {
  const { t } = useTranslation("dock");
  return (names: readonly string[]): string => {
    const [first = ""] = names;
    if (names.length === 1) return isKnown(first) ? t(`curves.metric.${first}`) : first;
    return names.every((name) => name.startsWith("map")) ? t("curves.several") : t("curves.metrics");
  };
}

function Empty({ title, subject, testId }: { title: string; subject: "curves" | "metrics"; testId: string }) {
  return (
    <div className={classes.empty} data-testid={testId}>
      <h3>{title}</h3>
      <Waiting subject={subject} />
    </div>
  );
}
