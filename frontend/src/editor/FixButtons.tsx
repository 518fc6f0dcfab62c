import { Wrench } from "lucide-react";
import { useTranslation } from "react-i18next";
import { difference, exact } from "../graph/amount";
import { useMayEdit } from "../state/board";
import { useFacts } from "../state/facts";
import type { Fix, Problem } from "../wire/types";
import * as actions from "./actions";
import classes from "./fix.module.css";

/** What a fix costs, in the board's parameters, or in its MACs where those stay; empty where that is unknown. */
function useCost(): (fix: Fix) => string {
  const { t } = useTranslation("editor");
  return ({ adds_parameters, adds_macs }) => {
    if (adds_parameters === null) return "";
    if (adds_parameters !== 0) return t("problems.cost", { parameters: difference(adds_parameters) });
    return adds_macs ? t("problems.costMacs", { macs: difference(adds_macs) }) : "+0";
  };
}

interface Props {
  problem: Problem;
  most?: number;
  /** Test ids are `<prefix>-<n>`. */
  prefix: string;
  narrow?: boolean;
}

/**
 * The ways out of a problem, each one click. While they are looked for, those that were there stay and wait, and where
 * there were none a line is kept free.
 */
export function FixButtons({ problem, most = 5, prefix, narrow = false }: Props) {
  const editable = useMayEdit();
  const seeking = useFacts((state) => state.seeking);
  const cost = useCost();
  const { t } = useTranslation("editor");
  const hint = ({ title, adds_parameters, adds_macs }: Fix) =>
    adds_parameters === null
      ? title
      : `${title} (${t("problems.exactCost", { parameters: exact(adds_parameters), macs: exact(adds_macs ?? 0) })})`;
  if (!editable || (problem.fixes.length === 0 && !seeking)) return null;
  return (
    <div className={narrow ? classes.narrow : classes.wide} aria-busy={seeking}>
      {problem.fixes.length === 0 && <div className={`${classes.fix} ${classes.free}`} />}
      {problem.fixes.slice(0, most).map((fix, at) => (
        <button
          key={fix.title}
          type="button"
          className={`${classes.fix} nodrag nopan`}
          data-testid={`${prefix}-${at}`}
          data-first={at === 0 || undefined}
          title={hint(fix)}
          aria-disabled={seeking || undefined}
          onClick={(event) => {
            event.stopPropagation();
            if (!seeking) actions.applyFix(fix);
          }}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          {!narrow && <Wrench size={14} aria-hidden />}
          <span>{fix.title}</span>
          <small className="mono">
            {narrow ? (fix.adds_parameters ? difference(fix.adds_parameters) : "") : cost(fix)}
          </small>
        </button>
      ))}
    </div>
  );
}
