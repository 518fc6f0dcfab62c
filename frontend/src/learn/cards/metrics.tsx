import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../explain/parts";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { f1 } from "../numbers/counts";
import { type Candidate, fits, winner } from "../numbers/decisions";
import { Amount, Num, Row, Side, Table, Verdict } from "../parts";
import { put } from "../write";

const START: readonly Candidate[] = [
  { name: "A", precision: 95, recall: 90, milliseconds: 80, megabytes: 45 },
  { name: "B", precision: 98, recall: 85, milliseconds: 100, megabytes: 160 },
  { name: "C", precision: 93, recall: 94, milliseconds: 1500, megabytes: 900 },
];
const COLUMNS = ["precision", "recall", "milliseconds", "megabytes"] as const;
const SCORES = {
  f1: ({ precision, recall }: Candidate) => f1(precision, recall),
  precision: ({ precision }: Candidate) => precision,
  recall: ({ recall }: Candidate) => recall,
} as const;
type Score = keyof typeof SCORES;

/** M-002, M-003; notes 1:366-377. */
function Body() {
  const { t } = useTranslation("learn");
  const [models, setModels] = useState(START);
  const [limits, setLimits] = useState({ milliseconds: 99, megabytes: 500 });
  const [score, setScore] = useState<Score>("f1");
  const best = winner(models, limits, SCORES[score]);
  return (
    <Side>
      <Row title={t("cards.metrics.limits")}>
        <Num
          name={`${t("cards.metrics.milliseconds")} ≤`}
          value={limits.milliseconds}
          low={0}
          high={1e6}
          onChange={(next) => setLimits({ ...limits, milliseconds: next })}
        />
        <Num
          name={`${t("cards.metrics.megabytes")} ≤`}
          value={limits.megabytes}
          low={0}
          high={1e6}
          onChange={(next) => setLimits({ ...limits, megabytes: next })}
        />
      </Row>
      <Row title={t("cards.metrics.optimizing")}>
        <Choice
          label={t("cards.metrics.optimizing")}
          value={score}
          onChange={setScore}
          options={(["f1", "precision", "recall"] as const).map((value) => ({
            value,
            title: value === "f1" ? "F1" : t(`cards.metrics.${value}`),
          }))}
        />
      </Row>
      <Table
        label={t("cards.metrics.title")}
        heads={[t("cards.metrics.model"), ...COLUMNS.map((column) => t(`cards.metrics.${column}`)), "F1", ""]}
        rows={models.map((model, at) => ({
          key: model.name,
          lit: model === best,
          dim: !fits(model, limits),
          cells: [
            model.name,
            ...COLUMNS.map((column) => (
              <Num
                key={column}
                label={`${model.name}: ${t(`cards.metrics.${column}`)}`}
                value={model[column]}
                low={0}
                high={column === "precision" || column === "recall" ? 100 : 1e6}
                onChange={(next) => setModels(put(models, at, { ...model, [column]: next }))}
              />
            )),
            short(f1(model.precision, model.recall), 2),
            model === best ? t("cards.metrics.winner") : fits(model, limits) ? "" : t("cards.metrics.out"),
          ],
        }))}
      />
      <Amount
        title={t("cards.metrics.models")}
        onMore={
          models.length < 8
            ? () =>
                setModels([
                  ...models,
                  {
                    name: String.fromCharCode(65 + models.length),
                    precision: 90,
                    recall: 90,
                    milliseconds: 90,
                    megabytes: 100,
                  },
                ])
            : undefined
        }
        onLess={models.length > 2 ? () => setModels(models.slice(0, -1)) : undefined}
      />
      <Verdict mood={best ? "good" : "bad"}>
        {best
          ? t("cards.metrics.best", { name: best.name, score: short(SCORES[score](best), 2) })
          : t("cards.metrics.none")}
      </Verdict>
    </Side>
  );
}

export const metrics: Card = { id: "metrics", shelf: "strategy", Body };
