import { RotateCcw, TriangleAlert, WifiOff } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { short, whole } from "../charts/format";
import { hasEnded } from "../state/run";
import { useConnected, useCurrentRun, useSummary } from "../state/runHooks";
import type { RunState } from "../wire/types";
import { useMeans, useResult } from "./result";
import classes from "./status.module.css";
import { useStuck } from "./stuck";
import { left, spoken } from "./time";

/** The run's state as a pill, and how far it is, as much as there is room for. */
export function RunStatus() {
  const { t } = useTranslation("dock");
  const summary = useSummary();
  const connected = useConnected();
  const resultOf = useResult();
  const meansOf = useMeans();
  const notes = useCurrentRun()?.notes;
  const stuck = useStuck(summary, connected);
  if (!summary) {
    return (
      <div className={classes.status}>
        <span className={classes.pill} data-testid="run-state" data-state="none">
          {t("state.none")}
        </span>
      </div>
    );
  }
  const { state, epoch, epochs, step, steps, metrics, restarts } = summary;
  const ended = hasEnded(state);
  const rest = left(summary);
  const speed = metrics.updates_per_second;
  const parts: [name: string, text: string][] = [];
  if (state === "queued" && summary.position > 0) {
    parts.push(["first", t("progress.position", { position: summary.position })]);
  } else if (summary.message && !ended) {
    parts.push(["first", summary.message]);
  } else if (step > 0 && state !== "finished") {
    parts.push([
      "first",
      t("progress.epoch", { epoch: whole(Math.min(epochs, Math.ceil(epoch))), epochs: whole(epochs) }),
    ]);
    parts.push(["second", t("progress.step", { step: whole(step) })]);
  }
  if (state === "finished" && step < steps) {
    parts.push(["first", t("progress.early", { epoch: whole(Math.round(epoch)), epochs: whole(epochs) })]);
  }
  if (state === "running" && speed) parts.push(["third", t("progress.speed", { speed: short(speed) })]);
  if (state === "running" && rest !== null) {
    const { key, ...numbers } = spoken(rest);
    parts.push(["fourth", t("progress.left", { time: t(key, numbers) })]);
  }
  if (ended && summary.seconds > 0) {
    const { key, ...numbers } = spoken(summary.seconds);
    parts.push(["third", t(key, numbers)]);
  }
  if (summary.origin) {
    parts.push([
      "second",
      summary.origin.keep === "state"
        ? t("progress.fork", { step: whole(summary.origin.step) })
        : t("progress.borrowed"),
    ]);
  }
  const result = ended ? resultOf(summary) : null;
  const means = ended ? meansOf(summary) : [];
  // Beside each mean its members, for who points at it.
  const members = means.length > 0 ? (notes ?? []).filter(({ step: at }) => at === step).map(({ text }) => text) : [];
  return (
    <div className={classes.status}>
      <span className={classes.pill} data-testid="run-state" data-state={state}>
        <i aria-hidden />
        {t(`state.${state}`)}
      </span>
      {!connected && !ended && (
        <span className={classes.notice} title={t("progress.offline")}>
          <WifiOff size={14} aria-hidden /> <span className={classes.noticeText}>{t("progress.offline")}</span>
        </span>
      )}
      {stuck !== null && (
        <span className={classes.notice} title={t("progress.stuckHelp")} role="status" data-testid="stuck">
          <TriangleAlert size={14} aria-hidden />{" "}
          <span className={classes.noticeText}>{t("progress.stuck", { seconds: stuck })}</span>
        </span>
      )}
      {restarts > 0 && (
        <span className={classes.notice} title={t("progress.restoredHelp", { count: restarts })} data-testid="restored">
          <RotateCcw size={14} aria-hidden /> <span className={classes.noticeText}>{t("progress.restored")}</span>
        </span>
      )}
      <span className={classes.progress} title={[...parts.map(([, text]) => text), ...members].join(" · ")}>
        {result && <b>{result}</b>}
        {means.map((text) => (
          <span key={text} data-part="first" data-testid="mean">
            {text}
          </span>
        ))}
        {parts.map(([name, text]) => (
          <span key={name} data-part={name}>
            {text}
          </span>
        ))}
      </span>
      <progress
        className={classes.meter}
        value={steps > 0 ? step / steps : 0}
        max={1}
        aria-label={t("progress.label")}
      />
    </div>
  );
}

/** Says for those who do not see it when a run starts, goes on, ends or fails; not how it goes in between. */
export function RunSpeech() {
  const { t } = useTranslation("dock");
  const summary = useSummary();
  const before = useRef<{ id: string; state: RunState } | null>(null);
  const resultOf = useResult();
  const [said, setSaid] = useState("");
  useEffect(() => {
    const last = before.current;
    before.current = summary && { id: summary.id, state: summary.state };
    // A run that had ended before this page opened is no news.
    if (!summary || last?.state === summary.state || (!last && hasEnded(summary.state))) return;
    if (last && last.id !== summary.id && hasEnded(summary.state)) return;
    const key = summary.state === "running" && last?.state === "paused" ? "resumed" : summary.state;
    setSaid(
      t(`said.${key}`, {
        step: whole(summary.step),
        message: summary.message,
        metrics: resultOf(summary) ?? "",
      }).trim(),
    );
  }, [summary, t, resultOf]);
  return (
    <p className="heard" aria-live="polite" data-testid="run-speech">
      {said}
    </p>
  );
}
