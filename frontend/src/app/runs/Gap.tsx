import { useState } from "react";
import { useTranslation } from "react-i18next";
import { percent, value } from "../../charts/format";
import { gapOf } from "../../learn/numbers/gap";
import type { RunRow } from "../../wire/types";
import { numbered } from "./names";
import classes from "./runs.module.css";

interface GapProps {
  rows: readonly RunRow[];
  chosen: ReadonlySet<string>;
}

/** What a run still gets wrong, taken apart: what a person gets wrong too, avoidable bias, and variance. */
export function Gap({ rows, chosen }: GapProps) {
  const { t } = useTranslation("runs");
  const measured = rows.filter(({ run: { metrics } }) =>
    ["accuracy", "loss"].some((name) => `train.${name}` in metrics && `validation.${name}` in metrics),
  );
  const [picked, setPicked] = useState("");
  const [human, setHuman] = useState(0);
  const row =
    measured.find(({ run }) => run.id === picked) ?? measured.find(({ run }) => chosen.has(run.id)) ?? measured[0];
  const number = numbered(rows);
  if (!row) {
    return (
      <section aria-labelledby="gap">
        <h2 id="gap">{t("gap.title")}</h2>
        <p className={classes.dim}>{t("gap.none")}</p>
      </section>
    );
  }
  const { metrics } = row.run;
  const shares = "train.accuracy" in metrics && "validation.accuracy" in metrics;
  const errorOf = (part: string) =>
    shares ? 1 - (metrics[`${part}.accuracy`] as number) : (metrics[`${part}.loss`] as number);
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
