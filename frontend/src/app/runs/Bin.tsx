import { Undo2, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as http from "../../wire/http";
import classes from "./runs.module.css";

/** Milliseconds for which a deleted run can be had back, a little less than the server keeps it for. */
const KEPT = 590_000;

interface BinProps {
  /** Ids of the runs that were deleted last. */
  runs: readonly string[];
  onEmpty: () => void;
  onBack: () => void;
}

/** Says what was deleted, and gives it back. */
export function Bin({ runs, onEmpty, onBack }: BinProps) {
  const { t } = useTranslation("many");
  const [problem, setProblem] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: other runs have their own time
  useEffect(() => {
    setProblem("");
    const timer = setTimeout(onEmpty, KEPT);
    return () => clearTimeout(timer);
  }, [runs]);
  const undo = async () => {
    try {
      for (const run of runs) await http.restoreRun(run);
      onEmpty();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    onBack();
  };
  return (
    <div className={`${classes.bin} ${classes.buttons}`} role="status" data-testid="bin">
      <span>{problem || t("bin.deleted", { count: runs.length })}</span>
      {/* biome-ignore lint/a11y/noAutofocus: what was pressed to delete is gone or disabled now */}
      <button type="button" autoFocus data-testid="bin-undo" onClick={undo}>
        <Undo2 size={15} aria-hidden /> {t("bin.undo")}
      </button>
      <button type="button" aria-label={t("bin.close")} title={t("bin.close")} onClick={onEmpty}>
        <X size={15} aria-hidden />
      </button>
    </div>
  );
}
