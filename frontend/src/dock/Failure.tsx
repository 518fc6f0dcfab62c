import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { trailTo } from "../graph/document";
import { currentDocument } from "../state/document";
import { useCurrentRun, useSummary } from "../state/runHooks";
import { goTo } from "../state/selection";
import classes from "./panels.module.css";

/** Why the run failed, with the way to the node that it failed at. */
export function Failure() {
  const { t } = useTranslation("dock");
  const run = useCurrentRun();
  const summary = useSummary();
  if (summary?.state !== "failed") return null;
  const problem = run?.problem;
  const node = problem?.node;
  const place = node ? trailTo(currentDocument(), node) : null;
  return (
    <div className={classes.failure} role="alert" data-testid="run-failure">
      <TriangleAlert size={18} aria-hidden />
      <p>
        <b>{t("failed.title")}</b> {problem?.message ?? summary.message} {problem?.hint}
      </p>
      {place && (
        <button type="button" onClick={() => goTo(place.trail, [place.node])}>
          {t("failed.show")}
        </button>
      )}
    </div>
  );
}
