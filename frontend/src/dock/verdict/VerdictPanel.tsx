import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { percent, value } from "../../charts/format";
import { isTested, readOpenings, useOpeningsOf } from "../../state/openings";
import { useSummary } from "../../state/runHooks";
import { Locked, openedAt } from "./Locked";
import classes from "./verdict.module.css";

const PARTS = ["validation", "test"] as const;
export type Part = (typeof PARTS)[number];
const SHARES = /accuracy|map/;

/** How good the current run's network is on samples that it has not learned from. */
export default function VerdictPanel() {
  const { t } = useTranslation("verdict");
  const run = useSummary();
  const [part, setPart] = useState<Part>("validation");
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
  const told = Object.entries(run.metrics).filter(([name]) => name.startsWith(`${part}.`));
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
        {part === "test" && opening && (
          <span className={classes.dim} data-testid="test-opened">
            {t("opened", { when: openedAt(opening), count: openings.length })}
          </span>
        )}
      </header>
      {part === "test" && !tested ? (
        <Locked run={run} />
      ) : (
        <dl className={classes.totals}>
          {told.map(([name, number]) => (
            <div key={name}>
              <dt>{name.slice(part.length + 1)}</dt>
              <dd className="mono">{SHARES.test(name) ? percent(number) : value(number)}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
