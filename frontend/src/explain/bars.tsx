import { useState } from "react";
import { useTranslation } from "react-i18next";
import { softmax } from "./arithmetic";
import classes from "./explain.module.css";
import { Slider, Sum } from "./parts";
import { short } from "./picture";

const NAMES = ["a", "b", "c"];

/** Scores become shares that add up to 1. */
export function BarsPicture() {
  const { t } = useTranslation("explain");
  const [scores, setScores] = useState([2, 1, -1]);
  const shares = softmax(scores);
  const powers = scores.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return (
    <div className={classes.stack} data-testid="explain-bars">
      <svg
        viewBox="0 0 268 124"
        role="img"
        aria-label={t("bars.label", { shares: shares.map((share) => short(share, 3)).join(", ") })}
        className={classes.picture}
      >
        {shares.map((share, at) => {
          const high = Math.max(1, share * 84);
          return (
            <g key={NAMES[at]}>
              <rect x={30 + at * 80} y={104 - high} width={48} height={high} rx={3} className={classes.bar} />
              <text x={54 + at * 80} y={96 - high} className={classes.figureText}>
                {short(share, 3)}
              </text>
              <text x={54 + at * 80} y={116} className={classes.caption}>
                {NAMES[at]}
              </text>
            </g>
          );
        })}
        <line x1={16} x2={252} y1={104.5} y2={104.5} className={classes.axis} />
      </svg>
      {scores.map((score, at) => (
        <Slider
          key={NAMES[at]}
          name={NAMES[at]}
          label={t("bars.score", { name: NAMES[at] })}
          value={score}
          low={-5}
          high={5}
          onChange={(next) => setScores(scores.map((each, other) => (other === at ? next : each)))}
        />
      ))}
      <Sum testId="explain-sum">{`a: e^${short(scores[0] as number, 2)} / Σ = ${short(powers[0] as number, 3)} / ${short(sum, 3)} = ${short(shares[0] as number, 4)}`}</Sum>
      <p className={classes.note}>{t("bars.note")}</p>
    </div>
  );
}
