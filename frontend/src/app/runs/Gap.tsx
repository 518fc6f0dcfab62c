import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { percent, value } from "../../charts/format";
import { gapOf } from "../../learn/numbers/gap";
import { questionRun } from "../../state/asking";
import { hasEnded } from "../../state/run";
import type { RunRow } from "../../wire/types";
import { numbered } from "./names";
import classes from "./runs.module.css";

interface GapProps {
  rows: readonly RunRow[];
  chosen: ReadonlySet<string>;
}

/** Milliseconds that a run must have been chosen before it is asked: while many are deleted, each is for a moment. */
const PAUSE = 500;

interface Errors {
  run: string;
  train: number;
  validation: number;
}

/**
 * Shares of an ended run's samples that it gets wrong, of those that it learned from and of those that it has not seen,
 * both by the network as it ended: the loss while training is measured with dropout and augmentation. Null until they
 * are known, or where there is no right and wrong.
 */
function useErrors(row: RunRow | undefined): Errors | null {
  const run = row && hasEnded(row.run.state) && "validation.accuracy" in row.run.metrics ? row.run.id : "";
  const [known, setKnown] = useState<Errors | null>(null);
  useEffect(() => {
    if (!run) return;
    const stop = new AbortController();
    const wrong = async (learned: boolean) => {
      const { header } = await questionRun(run, { question: "judge", learned }, undefined, stop.signal);
      return 1 - (header.about.accuracy as number);
    };
    const timer = setTimeout(() => {
      Promise.all([wrong(true), wrong(false)]).then(
        ([train, validation]) => setKnown({ run, train, validation }),
        // A run whose weights are gone is told of by its losses.
        () => undefined,
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [run]);
  return known?.run === run && Number.isFinite(known.train + known.validation) ? known : null;
}

/** What a run still gets wrong, taken apart: what a person gets wrong too, avoidable bias, and variance. */
export function Gap({ rows, chosen }: GapProps) {
  const { t } = useTranslation("runs");
  const measured = rows.filter(({ run: { metrics } }) =>
    ["train.loss", "validation.loss"].every((name) => name in metrics),
  );
  const [picked, setPicked] = useState("");
  const [human, setHuman] = useState(0);
  const row =
    measured.find(({ run }) => run.id === picked) ?? measured.find(({ run }) => chosen.has(run.id)) ?? measured[0];
  const number = numbered(rows);
  const errors = useErrors(row);
  if (!row) {
    return (
      <section aria-labelledby="gap">
        <h2 id="gap">{t("gap.title")}</h2>
        <p className={classes.dim}>{t("gap.none")}</p>
      </section>
    );
  }
  const { metrics } = row.run;
  const shares = errors !== null;
  const errorOf = (part: "train" | "validation") => errors?.[part] ?? (metrics[`${part}.loss`] as number);
  const level = shares ? human / 100 : human;
  const gap = gapOf(errorOf("train"), errorOf("validation"), level, shares);
  const write = shares ? (number: number) => percent(number) : value;
  const most = Math.max(gap.train, gap.validation, gap.human, 1e-9);
  return (
    <section aria-labelledby="gap" data-testid="gap" data-verdict={gap.verdict}>
      <div className={classes.tools}>
        <h2 id="gap">{t("gap.title")}</h2>
        <label>
          <span className="heard">{t("gap.of")}</span>
          <select value={row.run.id} data-testid="gap-of" onChange={(event) => setPicked(event.currentTarget.value)}>
            {measured.map(({ run }) => (
              <option key={run.id} value={run.id}>
                {t("run", { number: number.get(run.id) })}
              </option>
            ))}
          </select>
        </label>
        <label title={t("gap.humanHelp")}>
          {t("gap.human")}
          <input
            type="number"
            min={0}
            max={shares ? 100 : undefined}
            step="any"
            value={human}
            data-testid="gap-human"
            onChange={(event) => setHuman(Math.max(0, event.currentTarget.valueAsNumber || 0))}
          />
          {shares && "%"}
        </label>
      </div>
      <dl className={classes.bars}>
        {(
          [
            ["human", gap.human],
            ["train", gap.train],
            ["validation", gap.validation],
          ] as const
        ).map(([name, error]) => (
          <div key={name}>
            <dt>{t(`gap.${name}`)}</dt>
            <dd>
              <i data-bar={name} style={{ width: `${(100 * Math.max(0, error)) / most}%` }} aria-hidden />
              <b>{write(error)}</b>
            </dd>
          </div>
        ))}
      </dl>
      <p data-testid="gap-words">
        {t(shares ? "gap.errors" : "gap.losses", {
          human: write(gap.human),
          train: write(gap.train),
          validation: write(gap.validation),
        })}{" "}
        {t("gap.avoidable")} {write(gap.avoidable)}, {t("gap.variance").toLowerCase()} {write(gap.variance)}.{" "}
        {t(`gap.verdict.${gap.verdict}`)}
      </p>
    </section>
  );
}
