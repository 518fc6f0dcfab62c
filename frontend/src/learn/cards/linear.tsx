import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "../card";
import { dot } from "../numbers/matrix";
import { Amount, Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { put, sub, tex, texIn, texSum } from "../write";

/** C-031, notes 0:62-65. */
function Body() {
  const { t } = useTranslation("learn");
  const [bias, setBias] = useState(5);
  const [w, setW] = useState([10, 10]);
  const [x, setX] = useState([3, 3]);
  const y = bias + dot(w, x);
  const names = w.map((_, at) => `a_${at + 1}x_${at + 1}`);
  return (
    <Sides>
      <Side>
        <Row title={t("cards.linear.constant")}>
          <Num name="a₀" value={bias} onChange={setBias} />
        </Row>
        <Row title={t("cards.linear.weights")}>
          {w.map((value, at) => (
            <Num key={sub("a", at)} name={sub("a", at + 1)} value={value} onChange={(next) => setW(put(w, at, next))} />
          ))}
        </Row>
        <Row title={t("cards.linear.inputs")}>
          {x.map((value, at) => (
            <Num key={sub("x", at)} name={sub("x", at + 1)} value={value} onChange={(next) => setX(put(x, at, next))} />
          ))}
        </Row>
        <Amount
          title={t("cards.linear.inputs")}
          onMore={
            w.length < 5
              ? () => {
                  setW([...w, 1]);
                  setX([...x, 1]);
                }
              : undefined
          }
          onLess={
            w.length > 1
              ? () => {
                  setW(w.slice(0, -1));
                  setX(x.slice(0, -1));
                }
              : undefined
          }
        />
      </Side>
      <Side>
        <Lines>
          <Line name={t("cards.linear.prediction")}>{`f(x) = a_0 + ${names.join(" + ")}`}</Line>
          <Line name={t("cards.linear.prediction")} testId="sum">
            {`${texIn(bias)} + ${texSum(w, x)} = ${tex(y)}`}
          </Line>
        </Lines>
        <Verdict>{`f = ${tex(y).replace("-", "−")}`}</Verdict>
      </Side>
    </Sides>
  );
}

export const linear: Card = { id: "linear", shelf: "calculators", boards: ["linear-regression"], Body };
