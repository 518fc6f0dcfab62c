import { useTranslation } from "react-i18next";
import { useSummary } from "../state/runHooks";
import classes from "./views.module.css";

export type Subject =
  | "curves"
  | "metrics"
  | "plane"
  | "fit"
  | "neurons"
  | "maps"
  | "winners"
  | "filters"
  | "attention"
  | "gates"
  | "states"
  | "statistics"
  | "through"
  | "terrain"
  | "confusion"
  | "choice"
  | "numbers"
  | "norms"
  | "spread"
  | "boxes"
  | "samples";

/** In place of a picture that is not there: what it will be, and what one does to see it. */
export function Waiting({ subject }: { subject: Subject }) {
  const { t } = useTranslation("dock");
  const state = useSummary()?.state;
  const when =
    state === undefined
      ? "before"
      : state === "failed"
        ? "failed"
        : state === "finished" || state === "stopped"
          ? "after"
          : state === "queued"
            ? "queued"
            : state === "paused"
              ? "paused"
              : "soon";
  return (
    <div className={classes.waiting} data-testid={`empty-${subject}`}>
      <p>{t(`empty.${when}`, { what: t(`empty.subject.${subject}`) })}</p>
    </div>
  );
}
