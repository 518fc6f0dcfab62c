import { useState } from "react";
import { useTranslation } from "react-i18next";
import { normalise } from "../../explain/arithmetic";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { Amount, Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { put, sub, tex, texRow } from "../write";

/** C-047; notes 0:455-464, 1:343-360. */
function Body() {
  const { t } = useTranslation("learn");
  const [column, setColumn] = useState([1, 2, 3, 4]);
  const [gain, setGain] = useState(1);
  const [shift, setShift] = useState(0);
  const [epsilon, setEpsilon] = useState(0.00001);
  const { mean, variance, values } = normalise(column, epsilon, gain, shift);
  const after = normalise(values, 0, 1, 0);
  return (
    <Sides>
      <Side>
        <Row title={t("cards.batch-norm.column")}>
          {column.map((value, at) => (
            <Num
              key={sub("x", at)}
              name={sub("x", at + 1)}
              value={value}
              onChange={(next) => setColumn(put(column, at, next))}
            />
          ))}
        </Row>
        <Amount
          title={t("cards.batch-norm.samples")}
          onMore={column.length < 8 ? () => setColumn([...column, 0]) : undefined}
          onLess={column.length > 1 ? () => setColumn(column.slice(0, -1)) : undefined}
        />
        <Row>
          <Num name="γ" value={gain} low={-100} high={100} onChange={setGain} />
          <Num name="β" value={shift} low={-100} high={100} onChange={setShift} />
          <Num name="ε" value={epsilon} low={0.00000001} high={1} onChange={setEpsilon} />
        </Row>
        <Verdict mood={variance === 0 ? "bad" : "good"}>
          {variance === 0
            ? t("cards.batch-norm.single")
            : t("cards.batch-norm.fine", {
                mean: short(Number(after.mean.toFixed(9))),
                spread: short(Math.sqrt(after.variance)),
              })}
        </Verdict>
      </Side>
      <Side>
        <Lines>
          <Line name={t("cards.batch-norm.mean")}>{`\\mu=${tex(mean)}`}</Line>
          <Line name={t("cards.batch-norm.variance")}>{`\\sigma^2=${tex(variance)}`}</Line>
          <Line name={t("cards.batch-norm.result")} testId="values">
            {`y=${tex(gain)}\\cdot\\frac{x-${tex(mean)}}{\\sqrt{${tex(variance)}+\\varepsilon}}+${tex(shift)}=${texRow(values)}`}
          </Line>
        </Lines>
      </Side>
    </Sides>
  );
}

export const batchNorm: Card = { id: "batch-norm", shelf: "calculators", Body };
