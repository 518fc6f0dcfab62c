import { Lock } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMayEdit } from "../../state/board";
import { openTest, useOpeningsOf } from "../../state/openings";
import { useRuns } from "../../state/runs";
import type { Opening, RunSummary } from "../../wire/types";
import classes from "./verdict.module.css";

const CLOCK = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export const openedAt = ({ opened }: Opening): string => CLOCK.format(1000 * opened);

/** The test samples of a run, before somebody opens them: why one does that once, and how often it was done. */
export function Locked({ run }: { run: RunSummary }) {
  const { t } = useTranslation("verdict");
  const mayOpen = useMayEdit();
  const openings = useOpeningsOf(run.board);
  const runs = useRuns((state) => state.list);
  const [opening, setOpening] = useState(false);
  const [failed, setFailed] = useState("");
  const ended = run.state === "finished" || run.state === "stopped";
  const open = () => {
    setOpening(true);
    openTest(run).then(
      () => setFailed(""),
      (error: Error) => {
        setFailed(error.message);
        setOpening(false);
      },
    );
  };
  const nameOf = (id: string) => {
    const at = runs.findIndex((each) => each.id === id);
    return at < 0 ? t("lock.gone") : t("lock.of", { number: runs.length - at });
  };
  return (
    <div className={classes.locked} data-testid="test-locked">
      <Lock size={26} aria-hidden />
      <div>
        <h3>{t("lock.title")}</h3>
        <p>{t("lock.why")}</p>
        <p className={classes.dim}>
          {openings.length === 0 ? t("lock.never") : t("lock.before", { count: openings.length })}
        </p>
        {openings.length > 0 && (
          <ol className={classes.openings} data-testid="openings">
            {openings.map((each) => (
              <li key={each.run}>
                {openedAt(each)} · {nameOf(each.run)}
              </li>
            ))}
          </ol>
        )}
        <button
          type="button"
          className={classes.open}
          disabled={!ended || !mayOpen || opening}
          data-testid="open-test"
          onClick={open}
        >
          {opening ? t("lock.opening") : t("lock.open")}
        </button>
        {!ended && <p className={classes.dim}>{t("lock.ended")}</p>}
        {ended && !mayOpen && <p className={classes.dim}>{t("lock.viewer")}</p>}
        {failed && (
          <p className={classes.problem} role="alert">
            {t("lock.failed", { message: failed })}
          </p>
        )}
      </div>
    </div>
  );
}
