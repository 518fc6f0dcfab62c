import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "../graph/amount";
import { useDocument } from "../state/document";
import * as http from "../wire/http";
import type { RatesInfo } from "../wire/types";
import classes from "./inspector.module.css";

const WIDE = 268;
const HIGH = 64;
/** Milliseconds after the last change, so that a number that is being typed is not asked for letter by letter. */
const PAUSE = 200;

/** What the server draws of the recipe as it stands; the last picture while the next is asked for. */
export function useRates(wanted: boolean): Record<string, RatesInfo> {
  const [rates, setRates] = useState<Record<string, RatesInfo>>({});
  // How many updates there are follows from the data, so from the nodes too; where they stand is of no matter.
  const recipe = useDocument((state) => state.document.recipe);
  const nodes = useDocument((state) => state.document.nodes);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked is the document as it is by then
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      http
        .rates(useDocument.getState().document, abort.signal)
        .then(setRates)
        .catch(() => undefined);
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [wanted, recipe, nodes]);
  return rates;
}

/** A number as one says a rate: 0.05, 5e-6. */
const short = (value: number) =>
  value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(1) : String(+value.toPrecision(3));

/** The way of a phase's learning rate over the run, drawn before it runs. */
export function RateCourse({ phase, drawn }: { phase: string; drawn: RatesInfo | undefined }) {
  const { t } = useTranslation("editor");
  if (!drawn || drawn.rates.length < 2) return null;
  const most = Math.max(...drawn.rates);
  const last = drawn.at.at(-1) as number;
  const path = drawn.rates
    .map((rate, i) => {
      const x = ((drawn.at[i] as number) / last) * WIDE;
      const y = 3 + (1 - rate / most) * (HIGH - 6);
      return `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
  const [first, end] = [drawn.rates[0] as number, drawn.rates.at(-1) as number];
  return (
    <figure className={classes.course} data-testid={`rate-course-${phase}`}>
      <svg
        className={classes.courseDrawing}
        viewBox={`0 0 ${WIDE} ${HIGH}`}
        role="img"
        aria-label={t("recipe.rateCourse", { first: short(first), last: short(end), most: short(most) })}
      >
        <path d={`M0 ${HIGH - 0.5}H${WIDE}`} className={classes.courseAxis} />
        <path d={path} className={classes.courseLine} />
      </svg>
      <figcaption>
        <span className="mono">{short(first)}</span>
        {drawn.steps > 0 && <span>{t("recipe.rateSteps", { count: drawn.steps, exact: exact(drawn.steps) })}</span>}
        <span className="mono">{short(end)}</span>
      </figcaption>
    </figure>
  );
}
