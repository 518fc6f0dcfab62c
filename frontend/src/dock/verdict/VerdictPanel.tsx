import { Download } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { percent, value, whole } from "../../charts/format";
import { isTested, readOpenings, useOpeningsOf } from "../../state/openings";
import { useCurrentRun, useSummary } from "../../state/runHooks";
import { NOW } from "../../state/runWatch";
import { useScrubbed } from "../../state/scrub";
import { errorsAddress } from "../../wire/http";
import type { RunSummary } from "../../wire/types";
import { useAnswer } from "../ask/useAnswer";
import { CaseList } from "./CaseList";
import { ClassTable, OutputTable } from "./ClassTable";
import { ConfusionGrid } from "./ConfusionGrid";
import { Locked, openedAt } from "./Locked";
import { Scatter } from "./Scatter";
import { Tally } from "./Tally";
import { useTags } from "./tags";
import classes from "./verdict.module.css";
import { type About, aboutOf, type Part, type Wanted } from "./wanted";

const PARTS: readonly Part[] = ["validation", "test"];
const STANDING = ["paused", "finished", "stopped", "failed"];

/** How good the current run's network is on samples that it has not learned from. */
export default function VerdictPanel() {
  const { t } = useTranslation("verdict");
  const run = useSummary();
  const at = useScrubbed(useCurrentRun());
  const [part, setPart] = useState<Part>("validation");
  const [loss, setLoss] = useState("");
  const [losses, setLosses] = useState<readonly string[]>([]);
  const openings = useOpeningsOf(run?.board ?? "");
  const tested = run !== null && isTested(run);
  const board = run?.board ?? "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again when a run was tested
  useEffect(() => {
    if (!board) return;
    const stop = new AbortController();
    readOpenings(board, stop.signal).catch(() => undefined);
    return () => stop.abort();
  }, [board, tested]);
  if (!run) return <p className={classes.none}>{t("none")}</p>;
  const opening = openings.find((each) => each.run === run.id);
  const stands = STANDING.includes(run.state) || at !== NOW;
  const open = part === "validation" || tested;
  return (
    <div className={classes.verdict} data-testid="verdict-panel">
      <header className={classes.bar}>
        <fieldset className={classes.choices} aria-label={t("part")}>
          {PARTS.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === part}
              data-testid={`verdict-${each}`}
              onClick={() => setPart(each)}
            >
              {t(each)}
            </button>
          ))}
        </fieldset>
        {losses.length > 1 && (
          <label className={classes.loss}>
            <span>{t("loss")}</span>
            <select value={loss} data-testid="verdict-loss" onChange={(event) => setLoss(event.currentTarget.value)}>
              {losses.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          </label>
        )}
        {part === "test" && opening && (
          <span className={classes.dim} data-testid="test-opened">
            {t("opened", { when: openedAt(opening), count: openings.length })}
          </span>
        )}
        {open && stands && (
          <a
            className={classes.file}
            href={errorsAddress(run.id, part, loss)}
            download
            title={t("fileHelp")}
            data-testid="errors-file"
          >
            <Download size={14} aria-hidden /> {t("file")}
          </a>
        )}
      </header>
      {!open ? (
        <Locked run={run} />
      ) : stands ? (
        <Judgement key={`${run.id} ${part} ${loss}`} run={run} part={part} loss={loss} onLosses={setLosses} />
      ) : (
        <p className={classes.none} data-testid="verdict-waits">
          {t("running")}
        </p>
      )}
    </div>
  );
}

interface JudgementProps {
  run: RunSummary;
  part: Part;
  loss: string;
  onLosses: (losses: readonly string[]) => void;
}

function Judgement({ run, part, loss, onLosses }: JudgementProps) {
  const { t } = useTranslation("verdict");
  const [drawn, setDrawn] = useState(0);
  const [chosen, setChosen] = useState<Wanted | null>(null);
  const { reply, problem } = useAnswer({ question: "judge", part, loss, drawn });
  const tags = useTags(run.id, part);
  const about = reply ? aboutOf(reply) : null;
  const losses = useMemo(() => about?.losses ?? [], [about]);
  useEffect(() => {
    if (losses.length > 0) onLosses(losses);
  }, [losses, onLosses]);
  const usual = useMemo<Wanted>(() => ({ of: about?.kind === "classes" ? "mistakes" : "all" }), [about?.kind]);
  if (problem)
    return (
      <p className={classes.problem} role="alert" data-testid="verdict-problem">
        {problem}
      </p>
    );
  if (!reply || !about) return <p className={classes.none}>{t("judging")}</p>;
  const wanted = chosen ?? usual;
  return (
    <div className={classes.columns} data-kind={about.kind} data-testid="judgement">
      <div className={classes.left}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard */}
        <section className={classes.figures} tabIndex={0} aria-label={t("table.title")}>
          <Totals about={about} />
          {about.kind === "classes" && <ClassTable reply={reply} wanted={wanted} onWant={setChosen} />}
          {about.kind === "numbers" && <OutputTable reply={reply} onDraw={setDrawn} />}
          <Tally part={part} about={about} tags={tags} wanted={wanted} onWant={setChosen} />
        </section>
        {about.kind !== "loss" && (
          <section aria-label={t(about.kind === "classes" ? "matrix.title" : "plot.title")}>
            {about.kind === "classes" ? (
              <ConfusionGrid reply={reply} wanted={wanted} onWant={setChosen} />
            ) : (
              <Scatter reply={reply} />
            )}
          </section>
        )}
      </div>
      <CaseList part={part} about={about} tags={tags} wanted={wanted} onWant={setChosen} />
    </div>
  );
}

function Totals({ about }: { about: About }) {
  const { t } = useTranslation("verdict");
  const told: (readonly ["accuracy" | "whole" | "f1" | "rmse" | "mae" | "r2" | "mean", string])[] = [];
  if (about.kind === "classes") {
    told.push(["accuracy", percent(about.accuracy ?? 0)]);
    if (about.places !== about.count) told.push(["whole", percent(about.right ?? 0)]);
    told.push(["f1", percent(about.averages?.macro[2] ?? 0)]);
  } else if (about.kind === "numbers") {
    told.push(["rmse", value(about.rmse ?? 0)], ["mae", value(about.mae ?? 0)]);
    told.push(["r2", about.r2 == null ? "–" : value(about.r2)]);
  }
  if (about.mean !== null) told.push(["mean", value(about.mean)]);
  return (
    <>
      <dl className={classes.totals} data-testid="totals">
        {told.map(([name, text]) => (
          <div key={name} title={t(`totals.${name}Help`)} data-testid={`total-${name}`}>
            <dt>{t(`totals.${name}`)}</dt>
            <dd className="mono">{text}</dd>
          </div>
        ))}
      </dl>
      <p className={classes.dim}>{t("totals.samples", { count: about.count, formatted: whole(about.count) })}</p>
    </>
  );
}
