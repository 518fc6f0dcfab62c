import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../explain/parts";
import { short } from "../../explain/picture";
import type { BodyProps, Card } from "../card";
import measured from "../measured.json";
import { Plot } from "../Plot";
import { Note, Press, Row, Side, Sides, Verdict } from "../parts";
import { percent } from "../write";

const RATES = [...new Set(measured.norms.map(({ rate }) => rate))];

/** V-044; notes 1:343-360, 0:455-464. Measured by tests/accept/learn.py. */
function Body({ open }: BodyProps) {
  const { t } = useTranslation("learn");
  const [rate, setRate] = useState(RATES[0] ?? 0);
  const runs = measured.norms.filter((run) => run.rate === rate);
  const [bare, norm] = [runs.find((run) => !run.norm), runs.find((run) => run.norm)];
  if (!bare || !norm) return null;
  const points = (losses: readonly number[]) => losses.map((loss, at) => [at + 1, loss] as const);
  return (
    <Sides>
      <Side>
        <Row title={t("cards.softmax-step.rate")}>
          <Choice
            label={t("cards.softmax-step.rate")}
            value={String(rate)}
            onChange={(next) => setRate(Number(next))}
            options={RATES.map((value) => ({ value: String(value), title: String(value) }))}
          />
        </Row>
        <Verdict>
          {t("cards.norms.verdict", {
            epochs: norm.loss.length,
            bare: short(bare.loss.at(-1) ?? 0, 2),
            norm: short(norm.loss.at(-1) ?? 0, 2),
            wrong: percent(bare.accuracy, 0),
            right: percent(norm.accuracy, 0),
          })}
        </Verdict>
        <Note>{t("cards.norms.note")}</Note>
        <Row>
          <Press onClick={() => open({ document: bare.board })}>{t("cards.norms.without")}</Press>
          <Press onClick={() => open({ document: norm.board })}>{t("cards.norms.with")}</Press>
        </Row>
      </Side>
      <Side>
        <Plot
          label={t("cards.norms.plot")}
          x={[1, norm.loss.length]}
          y={[0, 2.5]}
          whole
          xName={t("cards.norms.epoch")}
          yName={t("cards.batches.loss")}
          curves={[
            { name: t("cards.norms.bare"), tone: "two", points: points(bare.loss), dots: true },
            { name: t("cards.norms.norm"), tone: "one", points: points(norm.loss), dots: true },
          ]}
        />
      </Side>
    </Sides>
  );
}

export const norms: Card = { id: "norms", shelf: "figures", Body };
