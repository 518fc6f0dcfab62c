import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { numericGradient } from "../numbers/slopes";
import { Plot } from "../Plot";
import { Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { tex, texIn, texRow } from "../write";

/** 10⁻¹, 10⁻², … 10⁻¹⁵. */
const STEPS = Array.from({ length: 15 }, (_, at) => 10 ** -(at + 1));

/** C-038, C-039, T-013; notes 0:158-166. */
function Body() {
  const { t } = useTranslation("learn");
  const [a, setA] = useState(2);
  const [b, setB] = useState(3);
  const [x, setX] = useState(1);
  const [y, setY] = useState(1);
  const [h, setH] = useState(0.001);
  const f = (u: number, v: number) => a * u * u + b * v * v;
  const right = [2 * a * x, 2 * b * y] as const;
  const centred = numericGradient(f, x, y, h, true);
  const forward = numericGradient(f, x, y, h, false);
  const off = (found: readonly number[]) => Math.max(...found.map((value, at) => Math.abs(value - (right[at] ?? 0))));
  const course = (both: boolean) =>
    STEPS.map(
      (step) => [Math.log10(step), Math.log10(Math.max(1e-17, off(numericGradient(f, x, y, step, both))))] as const,
    );
  const bad = off(centred) > 1e-4 * Math.max(1, ...right.map(Math.abs));
  return (
    <Sides>
      <Side>
        <Row title={t("cards.gradient.loss")}>
          <Num name="a" value={a} low={-100} high={100} onChange={setA} />
          <Num name="b" value={b} low={-100} high={100} onChange={setB} />
        </Row>
        <Row>
          <Num name="x" value={x} low={-100} high={100} onChange={setX} />
          <Num name="y" value={y} low={-100} high={100} onChange={setY} />
          <Num name={t("cards.gradient.step")} value={h} low={1e-16} high={1} onChange={setH} />
        </Row>
        <Lines>
          <Line name={t("cards.gradient.loss")} testId="loss">
            {`L=${texIn(a)}x^2+${texIn(b)}y^2,\\quad L(${tex(x)},${tex(y)})=${tex(f(x, y))}`}
          </Line>
          <Line name={t("cards.gradient.formula")} testId="formula">
            {`\\nabla L=[${tex(2 * a)}x,\\;${tex(2 * b)}y]=${texRow(right)}`}
          </Line>
          <Line name={t("cards.gradient.centred")} testId="centred">
            {`\\dfrac{L(x+h)-L(x-h)}{2h}:\\quad ${texRow(centred, 9)}`}
          </Line>
          <Line name={t("cards.gradient.forward")}>{`\\dfrac{L(x+h)-L(x)}{h}:\\quad ${texRow(forward, 9)}`}</Line>
          <Line name={t("cards.gradient.descend")}>{`-\\nabla L=${texRow(right.map((value) => -value + 0))}`}</Line>
        </Lines>
        <Verdict mood={bad ? "bad" : "good"}>
          {t(bad ? "cards.gradient.small" : "cards.gradient.right", { error: short(off(centred)) })}
        </Verdict>
      </Side>
      <Side>
        <Plot
          label={t("cards.gradient.error")}
          x={[-15, -1]}
          y={[-17, 1]}
          xName="h"
          yName={t("cards.gradient.error")}
          xText={(value) => `1e${value}`.replace("-", "−")}
          yText={(value) => `1e${value}`.replace("-", "−")}
          curves={[
            { name: t("cards.gradient.centred"), tone: "one", points: course(true), dots: true },
            { name: t("cards.gradient.forward"), tone: "two", points: course(false), dots: true },
          ]}
        />
      </Side>
    </Sides>
  );
}

export const gradient: Card = { id: "gradient", shelf: "calculators", boards: ["computation-graph"], Body };
