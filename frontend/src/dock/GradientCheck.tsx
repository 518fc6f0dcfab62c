import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import * as format from "../charts/format";
import { questionRun } from "../state/asking";
import { useCurrentRun } from "../state/runHooks";
import classes from "./step.module.css";

interface Checked {
  loss: number;
  samples: number;
  rows: {
    parameter: string;
    place: number[];
    value: number;
    gradient: number;
    difference: number;
    error: number;
  }[];
}

/** Relative errors below this are rounding. */
const ROUNDING = 1e-4;

/** Compares a layer's gradient with centred differences of the loss, for a few of its weights. */
export function GradientCheck({ node }: { node: string }) {
  const { t } = useTranslation("check");
  const run = useCurrentRun();
  const [found, setFound] = useState<Checked | null>(null);
  const [problem, setProblem] = useState("");
  const [waiting, setWaiting] = useState(false);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  if (!run) return null;
  const check = () => {
    stop.current?.abort();
    const own = new AbortController();
    stop.current = own;
    setWaiting(true);
    setProblem("");
    questionRun(run.id, { question: "differences", node, count: 8 }, undefined, own.signal)
      .then(
        (reply) => setFound(reply.header.about as unknown as Checked),
        (error: Error) => !own.signal.aborted && setProblem(error.message),
      )
      .finally(() => !own.signal.aborted && setWaiting(false));
  };
  const most = Math.max(0, ...(found?.rows.map(({ error }) => error) ?? []));
  return (
    <section className={classes.check} data-testid="gradient-check">
      <button type="button" disabled={waiting} title={t("help")} data-testid="check-gradient" onClick={check}>
        {t(found ? "again" : "ask")}
      </button>
      <div aria-live="polite">
        {waiting && <p className={classes.more}>{t("waiting")}</p>}
        {problem && <p className={classes.more}>{problem}</p>}
        {found && !waiting && (
          <p className={classes.says} data-testid="check-says" data-fine={most < ROUNDING || undefined}>
            {most < ROUNDING
              ? t("fine", { count: found.rows.length, loss: format.value(found.loss), samples: found.samples })
              : t("apart", { error: format.percent(most) })}
          </p>
        )}
      </div>
      {found && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too
        <section className={classes.scroll} tabIndex={0} aria-label={t("ask")}>
          <table>
            <thead>
              <tr>
                {(["weight", "value", "gradient", "difference", "error"] as const).map((each) => (
                  <th key={each} scope="col">
                    {t(each)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {found.rows.map(({ parameter, place, value, gradient, difference, error }) => (
                <tr key={`${parameter} ${place.join(" ")}`}>
                  <th scope="row" className="mono">
                    {place.length > 0 ? `${parameter}[${place.join(", ")}]` : parameter}
                  </th>
                  <td>{format.value(value)}</td>
                  <td>{exact(gradient)}</td>
                  <td>{exact(difference)}</td>
                  <td data-far={error >= ROUNDING || undefined}>{error === 0 ? "0" : error.toExponential(0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

/** With so many digits that two numbers can be compared. */
const exact = (value: number): string => (value === 0 ? "0" : value.toPrecision(7)).replace("-", "−");
