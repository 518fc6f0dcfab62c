import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ratesOf } from "../../charts/yesNo";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { f1 as both } from "../numbers/counts";
import { Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { tex } from "../write";

const NAMES = ["hits", "alarms", "misses", "rest"] as const;

/** C-055, M-002; notes 1:362-380. */
function Body() {
  const { t } = useTranslation("learn");
  const [counts, setCounts] = useState({ hits: 40, alarms: 10, misses: 40, rest: 110 });
  const { precision, recall, accuracy } = ratesOf(counts);
  const value = both(precision, recall);
  const mean = (precision + recall) / 2;
  return (
    <Sides>
      <Side>
        {NAMES.map((name) => (
          <Row key={name}>
            <Num
              name={t(`cards.f1.${name}`)}
              value={counts[name]}
              low={0}
              high={1e6}
              whole
              onChange={(next) => setCounts({ ...counts, [name]: next })}
            />
          </Row>
        ))}
        <Verdict mood={Number.isNaN(precision) ? "bad" : "plain"}>
          {Number.isNaN(value)
            ? t("cards.f1.nothing")
            : Math.abs(precision - recall) < 0.02
              ? t("cards.f1.even")
              : t("cards.f1.low", { mean: short(mean) })}
        </Verdict>
      </Side>
      <Side>
        <Lines>
          <Line name="Precision">{`P=\\dfrac{${counts.hits}}{${counts.hits}+${counts.alarms}}=${tex(precision)}`}</Line>
          <Line name="Recall">{`R=\\dfrac{${counts.hits}}{${counts.hits}+${counts.misses}}=${tex(recall)}`}</Line>
          <Line
            name="F1"
            testId="f1"
          >{`F_1=\\dfrac{2PR}{P+R}=\\dfrac{2\\cdot ${tex(precision)}\\cdot ${tex(recall)}}{${tex(precision)}+${tex(recall)}}=${tex(value)}`}</Line>
          <Line name={t("cards.f1.mean")}>{`\\dfrac{P+R}{2}=${tex(mean)}`}</Line>
          <Line
            name={t("cards.f1.accuracy")}
          >{`\\dfrac{${counts.hits}+${counts.rest}}{${NAMES.map((name) => counts[name]).join("+")}}=${tex(accuracy)}`}</Line>
        </Lines>
      </Side>
    </Sides>
  );
}

export const f1: Card = { id: "f1", shelf: "calculators", boards: ["logistic-regression"], Body };
