import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { LineChart } from "../charts/LineChart";
import { useCurrentRun, useCurves } from "../state/runHooks";
import { NOW } from "../state/runWatch";
import { useScrubbed } from "../state/scrub";
import { useTheme } from "../views/view";
import { Waiting } from "../views/Waiting";
import { lossLines, metricLines } from "./metrics";
import classes from "./panels.module.css";

const KNOWN = ["accuracy", "map50", "map"] as const;
type Known = (typeof KNOWN)[number];
const isKnown = (name: string): name is Known => (KNOWN as readonly string[]).includes(name);

/** Both charts share one crosshair. */
const SYNC = "curves";

function useMarks() {
  const run = useCurrentRun();
  const notes = run?.notes;
  return useMemo(() => (notes ?? []).map(({ step, text }) => ({ x: step, text })), [notes]);
}

export function LossCurve() {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const run = useCurrentRun();
  const version = useCurves(run);
  const marks = useMarks();
  const at = useScrubbed(run);
  const [log, setLog] = useState(false);
  const lines = run ? lossLines(run.curves, (part) => t(`curves.${part}`)) : [];

  if (lines.length === 0) {
    return <Empty title={t("curves.loss")} subject="curves" testId="curve-loss" />;
  }
  return (
    <LineChart
      title={t("curves.loss")}
      lines={lines}
      marks={marks}
      at={at === NOW ? null : at}
      version={version}
      log={log}
      theme={theme}
      sync={SYNC}
      label={t("curves.lossLabel")}
      testId="curve-loss"
    >
      <button
        type="button"
        className={classes.toggle}
        aria-pressed={log}
        title={t("curves.logHelp")}
        onClick={() => setLog(!log)}
      >
        {t("curves.log")}
      </button>
    </LineChart>
  );
}

export function MetricCurve() {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const run = useCurrentRun();
  const version = useCurves(run);
  const marks = useMarks();
  const at = useScrubbed(run);
  const titleOf = useMetricTitle();
  const metrics = run
    ? metricLines(run.curves, (part, name, alone) => {
        const short = isKnown(name) ? t(`curves.short.${name}`) : name;
        return alone ? t(`curves.${part}`) : part === "train" ? `${t("curves.train")} ${short}` : short;
      })
    : null;

  if (!metrics || metrics.lines.length === 0) {
    return <Empty title={t("curves.metrics")} subject="metrics" testId="curve-metric" />;
  }
  const title = titleOf(metrics.names);
  return (
    <LineChart
      title={title}
      lines={metrics.lines}
      marks={marks}
      at={at === NOW ? null : at}
      version={version}
      theme={theme}
      sync={SYNC}
      percent={metrics.shares}
      label={t("curves.metricLabel", { name: title })}
      testId="curve-metric"
    />
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
    <div className={classes.emptyCurve} data-testid={testId}>
      <h3>{title}</h3>
      <Waiting subject={subject} />
    </div>
  );
}
