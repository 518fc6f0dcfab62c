import { GitCompareArrows, MessagesSquare, Repeat, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { hasEnded } from "../../state/run";
import * as http from "../../wire/http";
import type { RunRow } from "../../wire/types";
import { go } from "../router";
import classes from "./runs.module.css";

/** Runs that are asked together at most, as the server takes them. */
const MOST_TOGETHER = 16;

interface RunActionsProps {
  id: string;
  rows: readonly RunRow[];
  /** Ids of the chosen runs, in the table's order. */
  chosen: readonly string[];
  mayChange: boolean;
  failed: string | null;
  doing: (work: () => Promise<unknown>) => Promise<void>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onAsk: (runs: readonly string[]) => void;
  onDeleted: (runs: readonly string[]) => void;
}

/** What can be done with the chosen runs. */
export function RunActions({
  id,
  rows,
  chosen,
  mayChange,
  failed,
  doing,
  onChoose,
  onAsk,
  onDeleted,
}: RunActionsProps) {
  const { t } = useTranslation(["runs", "many"]);
  const ended = rows.filter(({ run }) => chosen.includes(run.id) && hasEnded(run.state));
  return (
    <div className={classes.tools} data-testid="runs-actions">
      <span className={classes.dim}>{t("chosen", { count: chosen.length })}</span>
      <button
        type="button"
        disabled={chosen.length !== 2}
        title={t("compareHelp")}
        data-testid="runs-compare"
        onClick={() => go(`/b/${id}/compare?of=${chosen[1]}&with=${encodeURIComponent(`run:${chosen[0]}`)}`)}
      >
        <GitCompareArrows size={15} aria-hidden /> {t("compare")}
      </button>
      <button
        type="button"
        disabled={ended.length < 2 || ended.length > MOST_TOGETHER || ended.length < chosen.length}
        title={t("many:together.askHelp", { most: MOST_TOGETHER })}
        data-testid="runs-together"
        onClick={() => onAsk([...chosen].reverse())}
      >
        <MessagesSquare size={15} aria-hidden /> {t("many:together.ask")}
      </button>
      <button
        type="button"
        disabled={chosen.length !== 1 || !mayChange}
        title={t("seedsHelp")}
        data-testid="runs-seeds"
        onClick={() => doing(() => http.trainSeeds(chosen[0] as string, [0, 1, 2, 3, 4]))}
      >
        <Repeat size={15} aria-hidden /> {t("seeds")}
      </button>
      <button
        type="button"
        disabled={chosen.length === 0 || !mayChange}
        title={t("many:bin.help")}
        data-testid="runs-delete"
        onClick={() => {
          onChoose(new Set());
          void doing(async () => {
            const done = await Promise.allSettled(chosen.map((each) => http.deleteRun(each)));
            onDeleted(chosen.filter((_, at) => done[at]?.status === "fulfilled"));
            const refused = done.find((each) => each.status === "rejected");
            if (refused) throw refused.reason;
          });
        }}
      >
        <Trash2 size={15} aria-hidden /> {t("delete")}
      </button>
      {failed !== null && (
        <span role="alert" className={classes.alert}>
          {failed}
        </span>
      )}
    </div>
  );
}
