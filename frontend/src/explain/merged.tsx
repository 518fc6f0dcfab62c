import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./explain.module.css";
import { type Affine, applied, merged } from "./merging";
import { Choice, Slider } from "./parts";
import { short } from "./picture";

const FIRST: Affine = {
  weight: [
    [1, -1],
    [0.5, 2],
  ],
  bias: [0, -1],
};
const SECOND: Affine = {
  weight: [
    [2, 1],
    [-1, 0.5],
  ],
  bias: [0.5, 0],
};
const ONE = merged(FIRST, SECOND);

/** Two layers of two units, with and without something bent between them, beside the one layer that they are. */
export function Merged() {
  const { t } = useTranslation("explain");
  const [x, setX] = useState([1, 0.5]);
  const [bend, setBend] = useState<"nothing" | "relu">("nothing");
  const inner = applied(FIRST, x);
  const hidden = bend === "relu" ? inner.map((each) => Math.max(0, each)) : inner;
  const two = applied(SECOND, hidden);
  const one = applied(ONE, x);
  const agree = two.every((each, at) => Math.abs(each - (one[at] as number)) < 1e-9);
  const row = (values: readonly number[]) => `(${values.map((each) => short(each, 2)).join(", ")})`;
  const rows = ({ weight }: Affine) => `[${weight.map((each) => each.map((w) => short(w, 2)).join("  ")).join(" ; ")}]`;
  return (
    <div className={`${classes.stack} ${classes.part}`} data-testid="explain-merged">
      <h4 className={classes.heading}>{t("merged.title")}</h4>
      <Choice
        label={t("merged.between")}
        value={bend}
        onChange={setBend}
        options={[
          { value: "nothing", title: `${t("merged.between")}: ${t("merged.nothing")}` },
          { value: "relu", title: t("merged.relu") },
        ]}
      />
      <div className={classes.two}>
        <Slider name="x₁" value={x[0] as number} low={-2} high={2} onChange={(next) => setX([next, x[1] as number])} />
        <Slider name="x₂" value={x[1] as number} low={-2} high={2} onChange={(next) => setX([x[0] as number, next])} />
      </div>
      <dl className={classes.formulas} aria-live="polite">
        <dt>{t("merged.both")}</dt>
        <dd className="mono" data-testid="merged-both">
          {`h = ${rows(FIRST)}·x + ${row(FIRST.bias)} = ${row(inner)}`}
          <br />
          {bend === "relu" && (
            <>
              {`ReLU(h) = ${row(hidden)}`}
              <br />
            </>
          )}
          {`y = ${rows(SECOND)}·${bend === "relu" ? "ReLU(h)" : "h"} + ${row(SECOND.bias)} = ${row(two)}`}
        </dd>
        <dt>{t("merged.one")}</dt>
        <dd className="mono" data-testid="merged-one">{`y = ${rows(ONE)}·x + ${row(ONE.bias)} = ${row(one)}`}</dd>
      </dl>
      <p className={classes.note} data-testid="merged-said">
        {t(bend === "nothing" ? "merged.equal" : agree ? "merged.same" : "merged.bent")}
      </p>
    </div>
  );
}
