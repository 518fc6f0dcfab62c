import { useState } from "react";
import { useTranslation } from "react-i18next";
import { attend } from "./arithmetic";
import classes from "./explain.module.css";
import { Check, Slider, Sum } from "./parts";
import { short } from "./picture";

const KEYS = [
  [1, 0],
  [0, 1],
];
const VALUES = [
  [10, 0],
  [0, 10],
];

/** One query looks at two keys: products, shares, and the values in those shares. */
export function LookupPicture() {
  const { t } = useTranslation("explain");
  const [query, setQuery] = useState([1, 0]);
  const [scaled, setScaled] = useState(true);
  const { scores, weights, output } = attend(query, KEYS, VALUES, scaled);
  const [q1, q2] = query as [number, number];
  const row = (name: string, numbers: readonly number[]) => (
    <tr>
      <th scope="row">{name}</th>
      {numbers.map((number, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a key is its place
        <td key={at} className="mono">
          {short(number)}
        </td>
      ))}
    </tr>
  );
  return (
    <div className={classes.stack} data-testid="explain-lookup">
      <svg
        viewBox="0 0 268 112"
        role="img"
        aria-label={t("lookup.label", { first: short(weights[0] as number), second: short(weights[1] as number) })}
        className={classes.picture}
      >
        {KEYS.map((key, at) => (
          <g key={key.join()}>
            <line
              x1={66}
              y1={56}
              x2={164}
              y2={28 + at * 56}
              className={classes.wire}
              strokeWidth={1 + 9 * (weights[at] as number)}
            />
            <rect x={164} y={12 + at * 56} width={96} height={32} rx={6} className={classes.box} />
            <text x={212} y={22 + at * 56} className={classes.caption}>{`k [${key.join(", ")}]`}</text>
            <text x={212} y={36 + at * 56} className={classes.caption}>{`v [${VALUES[at]?.join(", ")}]`}</text>
          </g>
        ))}
        <rect x={4} y={40} width={62} height={32} rx={6} className={classes.box} data-strong />
        <text x={35} y={56} className={classes.figureText}>{`[${short(q1, 2)}, ${short(q2, 2)}]`}</text>
        <text x={35} y={86} className={classes.caption}>
          q
        </text>
      </svg>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" />
            <th scope="col">k₁</th>
            <th scope="col">k₂</th>
          </tr>
        </thead>
        <tbody>
          {row(scaled ? "q·k/√2" : "q·k", scores)}
          {row("softmax", weights)}
        </tbody>
      </table>
      <Sum testId="explain-sum">{`${short(weights[0] as number)}·v₁ + ${short(weights[1] as number)}·v₂ = [${output.map((each) => short(each, 3)).join(", ")}]`}</Sum>
      <Slider name="q₁" value={q1} low={-3} high={3} onChange={(next) => setQuery([next, q2])} />
      <Slider name="q₂" value={q2} low={-3} high={3} onChange={(next) => setQuery([q1, next])} />
      <Check title={t("lookup.scaled")} on={scaled} onChange={setScaled} />
      <p className={classes.note}>{t("lookup.note")}</p>
    </div>
  );
}
