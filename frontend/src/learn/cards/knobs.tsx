import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { type Errors, knobFor, STAGES } from "../numbers/decisions";
import { Note, Num, Press, Row, Side, Sides, Table, Verdict } from "../parts";

const EXAMPLES: readonly Errors[] = [
  { human: 1, train: 8, dev: 9, test: 9, real: 9.5 },
  { human: 1, train: 1.5, dev: 9, test: 9, real: 9.5 },
  { human: 1, train: 1.5, dev: 2, test: 7, real: 7.5 },
  { human: 1, train: 1.5, dev: 2, test: 2, real: 12 },
];

/** M-001; notes 1:350-362, 1:335-339. */
function Body() {
  const { t } = useTranslation("learn");
  const [errors, setErrors] = useState(EXAMPLES[0] as Errors);
  const { gaps, turn } = knobFor(errors);
  return (
    <Sides>
      <Side>
        {STAGES.map((stage) => (
          <Row key={stage}>
            <Num
              name={t(`cards.knobs.${stage}`)}
              unit="%"
              value={errors[stage]}
              low={0}
              high={100}
              onChange={(next) => setErrors({ ...errors, [stage]: next })}
            />
          </Row>
        ))}
        <Row title={t("parts.try")}>
          {EXAMPLES.map((example, at) => (
            <Press key={STAGES[at + 1]} onClick={() => setErrors(example)}>
              {at + 1}
            </Press>
          ))}
        </Row>
      </Side>
      <Side>
        <Verdict mood={turn ? "bad" : "good"}>{turn ? t(`cards.knobs.turn.${turn}`) : t("cards.knobs.fine")}</Verdict>
        <Table
          label={t("cards.knobs.title")}
          heads={[t("cards.knobs.step"), t("cards.knobs.gap"), t("cards.knobs.knob")]}
          rows={gaps.map(({ stage, gap }) => ({
            key: stage,
            lit: stage === turn,
            cells: [t(`cards.knobs.fit.${stage}`), short(Number(gap.toFixed(6)), 2), t(`cards.knobs.turns.${stage}`)],
          }))}
        />
        <Note>{t("cards.knobs.note")}</Note>
      </Side>
    </Sides>
  );
}

export const knobs: Card = { id: "knobs", shelf: "strategy", Body };
