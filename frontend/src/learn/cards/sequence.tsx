import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { cellFor, survives } from "../numbers/decisions";
import { around, Plot } from "../Plot";
import { Line, Lines, Note, Num, Row, Side, Sides, Verdict } from "../parts";
import { tex } from "../write";

/** M-016; notes 2:435-438. */
function Body() {
  const { t } = useTranslation("learn");
  const [length, setLength] = useState(30);
  const [plain, setPlain] = useState(0.7);
  const [gate, setGate] = useState(0.97);
  const way = (factor: number) => Array.from({ length: length + 1 }, (_, at) => [at, survives(factor, at)] as const);
  return (
    <Sides>
      <Side>
        <Row>
          <Num name={t("cards.sequence.length")} value={length} low={1} high={500} whole onChange={setLength} />
        </Row>
        <Row>
          <Num name={t("cards.sequence.plain")} value={plain} low={0} high={1.2} onChange={setPlain} />
        </Row>
        <Row>
          <Num name={t("cards.sequence.gate")} value={gate} low={0} high={1} onChange={setGate} />
        </Row>
        <Lines>
          <Line name="RNN" testId="rnn">{`${tex(plain)}^{${length}}=${tex(survives(plain, length), 6)}`}</Line>
          <Line name="LSTM">{`${tex(gate)}^{${length}}=${tex(survives(gate, length), 6)}`}</Line>
        </Lines>
        <Verdict mood="good">{t(`cards.sequence.${cellFor(length)}`)}</Verdict>
      </Side>
      <Side>
        <Plot
          label={t("cards.sequence.plot")}
          x={[0, length]}
          y={[0, Math.max(1, around(way(plain).map(([, value]) => value))[1])]}
          whole
          xName={t("cards.sequence.back")}
          curves={[
            { name: `RNN: ${short(plain)}`, tone: "two", points: way(plain) },
            { name: `LSTM: ${short(gate)}`, tone: "one", points: way(gate) },
          ]}
        />
        <Note>{t("cards.sequence.note")}</Note>
      </Side>
    </Sides>
  );
}

export const sequence: Card = { id: "sequence", shelf: "strategy", boards: ["reversal-transformer"], Body };
