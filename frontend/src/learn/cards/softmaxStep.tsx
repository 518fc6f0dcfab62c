import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { type Classifier, classifierStep, type Example } from "../numbers/classify";
import { Grid, Line, Lines, Num, Press, Row, Side, Sides, Verdict } from "../parts";
import { tex, texMatrix, texRow, texVector } from "../write";

const START: Classifier = {
  w: [
    [0.2, -0.3],
    [0.1, 0.4],
  ],
  b: [0.1, 0],
};

/** C-042, C-043; notes 0:169-217. */
function Body() {
  const { t } = useTranslation("learn");
  const [{ w, b }, setModel] = useState(START);
  const [rows, setRows] = useState([
    [1, 2, 1],
    [-1, 0.5, 2],
  ]);
  const [rate, setRate] = useState(0.5);
  const classes = w.length;
  const examples: Example[] = rows.map(([x1 = 0, x2 = 0, truth = 1]) => ({
    x: [x1, x2],
    truth: Math.max(1, Math.min(classes, Math.round(truth))) - 1,
  }));
  const step = classifierStep({ w, b }, examples, rate);
  const after = classifierStep(step.next, examples, rate).loss;
  const better = after <= step.loss;
  return (
    <Sides>
      <Side>
        <Grid
          title={t("cards.softmax-step.examples")}
          rows={rows}
          columns={["x₁", "x₂", t("cards.softmax-step.truth")]}
          low={-100}
          high={100}
          onChange={setRows}
        />
        <Grid
          title={t("cards.softmax-step.weights")}
          rows={w.map((row, at) => [...row, b[at] ?? 0])}
          columns={["w₁", "w₂", "b"]}
          low={-100}
          high={100}
          onChange={(next) => setModel({ w: next.map((row) => row.slice(0, 2)), b: next.map((row) => row[2] ?? 0) })}
        />
        <Row>
          <Num name={t("cards.softmax-step.rate")} value={rate} low={0} high={100} onChange={setRate} />
          <Press onClick={() => setModel(step.next)}>{t("cards.softmax-step.take")}</Press>
        </Row>
        <Verdict mood={better ? "good" : "bad"}>
          {t(better ? "cards.softmax-step.better" : "cards.softmax-step.worse", {
            before: short(step.loss),
            after: short(after),
          })}
        </Verdict>
      </Side>
      <Side>
        <Lines>
          {examples.map(({ truth }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an example is its place
            <div key={at}>
              <Line name={t("cards.softmax-step.scores", { n: at + 1 })}>
                {`s=Wx+b=${texRow(step.scores[at] ?? [])},\\quad p=${texRow(step.shares[at] ?? [])}`}
              </Line>
              <Line name={t("cards.softmax-step.delta")}>
                {`e=-\\ln p_{${truth + 1}}=${tex(step.errors[at] ?? 0)},\\quad \\frac{\\partial e}{\\partial s}=p-1_{${truth + 1}}=${texRow(step.deltas[at] ?? [])}`}
              </Line>
            </div>
          ))}
          <Line name={t("cards.softmax-step.gradient")} testId="gradient">
            {`\\nabla W=${texMatrix(step.gradient.w)},\\quad \\nabla b=${texVector(step.gradient.b)}`}
          </Line>
          <Line name={t("cards.softmax-step.next")}>
            {`W-${tex(rate)}\\,\\nabla W=${texMatrix(step.next.w)},\\quad b=${texVector(step.next.b)}`}
          </Line>
        </Lines>
      </Side>
    </Sides>
  );
}

export const softmaxStep: Card = {
  id: "softmax-step",
  shelf: "calculators",
  boards: ["logistic-step", "softmax-classifier"],
  Body,
};
