import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../explain/parts";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { CURVES, type CurveName, descend } from "../numbers/slopes";
import { around, Plot, sampled } from "../Plot";
import { Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { tex, texIn } from "../write";

const USUAL: Record<CurveName, { start: number; rate: number }> = {
  bowl: { start: 2, rate: 1.03 },
  valleys: { start: 2, rate: 0.1 },
  plateau: { start: 3.6, rate: 0.5 },
  terrace: { start: -0.6, rate: 0.02 },
};
const MOST = 60;

/** V-035, T-012; notes 0:158-172, 2:59-62. */
function Body() {
  const { t } = useTranslation("learn");
  const [name, setName] = useState<CurveName>("bowl");
  const [{ start, rate }, setSteps] = useState(USUAL.bowl);
  const [stop, setStop] = useState(0.01);
  const curve = CURVES[name];
  const { xs, ended } = descend(curve.slope, start, rate, stop, MOST);
  const last = xs[xs.length - 1] ?? start;
  const line = sampled(curve.f, curve.x[0], curve.x[1]);
  const least = line.reduce((a, b) => (b[1] < a[1] ? b : a));
  const lost = curve.f(last) - least[1];
  const good = ended === "flat" && lost < 0.05;
  return (
    <Sides>
      <Side>
        <Choice
          label={t("cards.pitfalls.curve")}
          value={name}
          onChange={(next) => {
            setName(next);
            setSteps(USUAL[next]);
          }}
          options={(Object.keys(CURVES) as CurveName[]).map((value) => ({
            value,
            title: t(`cards.pitfalls.${value}`),
          }))}
        />
        <Row>
          <Num
            name={t("cards.pitfalls.start")}
            value={start}
            low={curve.x[0]}
            high={curve.x[1]}
            onChange={(next) => setSteps({ start: next, rate })}
          />
          <Num
            name={t("cards.pitfalls.rate")}
            value={rate}
            low={0.0001}
            high={10}
            onChange={(next) => setSteps({ start, rate: next })}
          />
          <Num name={t("cards.pitfalls.stop")} value={stop} low={0} high={1} onChange={setStop} />
        </Row>
        <Lines>
          <Line name={t("cards.pitfalls.first")}>
            {`x-\\eta f'(x)=${tex(start)}-${tex(rate)}\\cdot ${texIn(curve.slope(start))}=${tex(start - rate * curve.slope(start))}`}
          </Line>
        </Lines>
        <Verdict mood={good ? "good" : "bad"}>
          {ended === "away" || curve.f(last) > curve.f(start)
            ? t("cards.pitfalls.away")
            : ended === "steps"
              ? t(lost < 0.05 ? "cards.pitfalls.nearly" : "cards.pitfalls.slow", {
                  steps: xs.length - 1,
                  loss: short(curve.f(last), 3),
                })
              : t(good ? "cards.pitfalls.found" : "cards.pitfalls.caught", {
                  steps: xs.length - 1,
                  loss: short(curve.f(last), 3),
                  least: short(least[1], 3),
                })}
        </Verdict>
      </Side>
      <Side>
        <Plot
          label={t("cards.pitfalls.curve")}
          x={curve.x}
          y={around(line.map(([, value]) => value))}
          xName="x"
          curves={[
            { name: "", tone: "one", points: line },
            { name: "", tone: "two", points: xs.map((x) => [x, curve.f(x)] as const), dots: true },
          ]}
        />
      </Side>
    </Sides>
  );
}

export const pitfalls: Card = { id: "pitfalls", shelf: "figures", Body };
