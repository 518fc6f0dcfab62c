import { GitFork, SkipForward } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { value, whole } from "../charts/format";
import { useMayEdit } from "../state/board";
import { hasEnded, type Run } from "../state/run";
import { useCurrentRun, useSummary } from "../state/runHooks";
import { activeRun, useRuns } from "../state/runs";
import { NOW } from "../state/runWatch";
import { beside, bestOf, nearest, scrub, useKeptStates, useScrubbed } from "../state/scrub";
import type { Checkpoint, RunSummary } from "../wire/types";
import { useBegin } from "./begin";
import classes from "./scrubber.module.css";

/** The run's life as a line: moving along it moves every panel and the cards to the states that were kept. */
export function Scrubber() {
  const run = useCurrentRun();
  const summary = useSummary();
  const kept = useKeptStates(run);
  if (!run || !summary || kept.length === 0) return null;
  return <Life run={run} summary={summary} kept={kept} />;
}

function Life({ run, summary, kept }: { run: Run; summary: RunSummary; kept: readonly Checkpoint[] }) {
  const { t } = useTranslation("dock");
  const track = useRef<HTMLDivElement>(null);
  const at = useScrubbed(run);
  const may = useMayEdit();
  const busy = useRuns((state) => activeRun(state.list) !== undefined);
  const { begin, starting } = useBegin();
  const ended = hasEnded(summary.state);
  const last = Math.max(summary.step, kept.at(-1)?.step ?? 0);
  // While it trains the line is as long as the whole run, so that nothing on it moves.
  const end = Math.max(1, ended ? last : Math.max(last, summary.steps));
  const share = (step: number) => `${(100 * Math.min(step, end)) / end}%`;
  const best = bestOf(kept);
  const here = at === NOW ? undefined : (kept.find(({ step }) => step === at) ?? nearest(kept, at));
  const go = (to: number) => scrub(run.id, to);

  const reach = (event: PointerEvent<HTMLDivElement>) => {
    const box = track.current?.getBoundingClientRect();
    if (!box || box.width === 0) return;
    const step = (end * (event.clientX - box.left)) / box.width;
    const found = nearest(kept, step);
    // Beyond the middle between the last state and the newest one, it is the newest.
    const newest = found && found === kept.at(-1) && step > (found.step + last) / 2;
    go(!found || (newest && last > found.step) ? NOW : found.step);
  };
  const press = (event: KeyboardEvent) => {
    const to = {
      ArrowLeft: () => beside(kept, at, -1),
      ArrowDown: () => beside(kept, at, -1),
      ArrowRight: () => beside(kept, at, 1),
      ArrowUp: () => beside(kept, at, 1),
      Home: () => kept[0]?.step ?? NOW,
      End: () => NOW,
    }[event.key];
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    go(to());
  };

  const newest = t(ended ? "scrub.end" : "scrub.live");
  const text = here
    ? `${t("progress.step", { step: whole(here.step) })} · ${t("scrub.epoch", { epoch: value(here.epoch) })}`
    : newest;
  return (
    <section className={classes.life} aria-label={t("scrub.title")} data-testid="scrubber" data-at={at}>
      <div
        ref={track}
        className={classes.track}
        role="slider"
        tabIndex={0}
        aria-label={t("scrub.label")}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={here?.step ?? last}
        aria-valuetext={text}
        title={t("scrub.help")}
        data-testid="scrub"
        onKeyDown={press}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          reach(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) reach(event);
        }}
      >
        <i className={classes.line} />
        <i className={classes.gone} style={{ width: share(here?.step ?? last) }} />
        {kept.map(({ step }) => (
          <i
            key={step}
            className={classes.tick}
            style={{ left: share(step) }}
            data-best={step === best?.step || undefined}
            data-testid={`scrub-${step}`}
          />
        ))}
        <b className={classes.thumb} style={{ left: share(here?.step ?? last) }} />
      </div>
      <output className={classes.where} data-testid="scrub-where">
        {here && here.step === best?.step ? `${text} · ${t("scrub.best")}` : text}
      </output>
      <button
        type="button"
        className={classes.back}
        disabled={at === NOW}
        data-testid="scrub-live"
        onClick={() => go(NOW)}
      >
        <SkipForward size={14} aria-hidden />
        <span>{newest}</span>
      </button>
      {may && (
        <button
          type="button"
          className={classes.back}
          disabled={at === NOW || starting}
          title={t(at === NOW ? "scrub.forkFirst" : busy ? "scrub.forkWaits" : "scrub.forkHelp")}
          data-testid="scrub-fork"
          onClick={() => void begin({ run: run.id, step: here?.step ?? NOW, keep: "state", graph: "run" })}
        >
          <GitFork size={14} aria-hidden />
          <span>{t("scrub.fork")}</span>
        </button>
      )}
    </section>
  );
}
