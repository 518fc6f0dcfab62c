import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { gapOf } from "../numbers/gap";
import { Bars, Line, Lines, Num, Press, Row, Side, Sides, Verdict } from "../parts";
import { tex } from "../write";

/** Errors in per cent: a person, training, validation. */
const EXAMPLES = [
  [0, 15, 16],
  [0, 1, 11],
  [0, 15, 30],
  [14, 15, 16],
  [2, 1, 1.1],
] as const;

/** C-061, C-062, M-004, V-003; notes 1:258-276, 1:383-404. */
function Body() {
  const { t } = useTranslation("learn");
  const [[human, train, dev], setErrors] = useState<readonly [number, number, number]>(EXAMPLES[0]);
  const { avoidable, variance, verdict } = gapOf(train / 100, dev / 100, human / 100, true);
  return (
    <Sides>
      <Side>
        <Row>
          <Num
            name={t("cards.bias-variance.human")}
            unit="%"
            value={human}
            low={0}
            high={100}
            onChange={(next) => setErrors([next, train, dev])}
          />
        </Row>
        <Row>
          <Num
            name={t("cards.bias-variance.train")}
            unit="%"
            value={train}
            low={0}
            high={100}
            onChange={(next) => setErrors([human, next, dev])}
          />
        </Row>
        <Row>
          <Num
            name={t("cards.bias-variance.dev")}
            unit="%"
            value={dev}
            low={0}
            high={100}
            onChange={(next) => setErrors([human, train, next])}
          />
        </Row>
        <Row title={t("cards.bias-variance.presets")}>
          {EXAMPLES.map((errors) => (
            <Press key={errors.join()} onClick={() => setErrors(errors)}>
              {errors.join(" / ")}
            </Press>
          ))}
        </Row>
      </Side>
      <Side>
        <Verdict mood={verdict === "fine" || verdict === "beyond" ? "good" : "bad"}>
          {t(`cards.bias-variance.verdict.${verdict}`)}
        </Verdict>
        <Lines>
          <Line name={t("cards.bias-variance.bias")}>{`${tex(train)}-${tex(human)}=${tex(train - human)}`}</Line>
          <Line name={t("cards.bias-variance.variance")}>{`${tex(dev)}-${tex(train)}=${tex(dev - train)}`}</Line>
        </Lines>
        <Bars
          label={t("cards.bias-variance.title")}
          bars={[
            { name: t("cards.bias-variance.bias"), value: avoidable, text: short(avoidable * 100, 2) },
            { name: t("cards.bias-variance.variance"), value: variance, text: short(variance * 100, 2) },
          ]}
        />
      </Side>
    </Sides>
  );
}

export const biasVariance: Card = { id: "bias-variance", shelf: "calculators", Body };
