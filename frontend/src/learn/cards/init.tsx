import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../explain/parts";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { type Bend, he, signalThrough, xavier } from "../numbers/starts";
import { Plot } from "../Plot";
import { Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { tex } from "../write";

const [DEPTH, WIDTH, SEED] = [10, 64, 7];

/** C-065, T-045; notes 2:19-20, whose two names are swapped. */
function Body() {
  const { t } = useTranslation("learn");
  const [inputs, setInputs] = useState(100);
  const [outputs, setOutputs] = useState(50);
  const [bend, setBend] = useState<Bend>("relu");
  const [times, setTimes] = useState(1);
  const fitting = bend === "relu" ? he(WIDTH) : xavier(WIDTH, WIDTH);
  const spreads = useMemo(() => signalThrough(DEPTH, WIDTH, times * fitting, bend, SEED), [times, fitting, bend]);
  const last = spreads[DEPTH] ?? 0;
  const verdict = last < 0.02 ? "dead" : last > 50 ? "wild" : "fine";
  const logs = spreads.map((spread, at) => [at, Math.log10(Math.max(1e-20, spread))] as const);
  const high = Math.max(1, ...logs.map(([, value]) => Math.ceil(value)));
  const low = Math.min(-2, ...logs.map(([, value]) => Math.floor(value)));
  return (
    <Sides>
      <Side>
        <Row>
          <Num name={t("cards.init.inputs")} value={inputs} low={1} high={1e6} whole onChange={setInputs} />
          <Num name={t("cards.init.outputs")} value={outputs} low={1} high={1e6} whole onChange={setOutputs} />
        </Row>
        <Lines>
          <Line
            name="He (ReLU)"
            testId="he"
          >{`\\sigma=\\sqrt{\\dfrac{2}{n_{in}}}=\\sqrt{\\dfrac{2}{${inputs}}}=${tex(he(inputs))}`}</Line>
          <Line name="Xavier (tanh, sigmoid)" testId="xavier">
            {`\\sigma=\\sqrt{\\dfrac{2}{n_{in}+n_{out}}}=\\sqrt{\\dfrac{2}{${inputs}+${outputs}}}=${tex(xavier(inputs, outputs))}`}
          </Line>
        </Lines>
        <Verdict mood={verdict === "fine" ? "good" : "bad"}>
          {t(`cards.init.${verdict}`, { spread: short(last) })}
        </Verdict>
      </Side>
      <Side>
        <Choice
          label={t("cards.init.bend")}
          value={bend}
          onChange={setBend}
          options={(["relu", "tanh", "sigmoid"] as const).map((value) => ({
            value,
            title: value === "relu" ? "ReLU" : value,
          }))}
        />
        <Row>
          <Num name={t("cards.init.times")} value={times} low={0.01} high={10} onChange={setTimes} />
        </Row>
        <Plot
          label={t("cards.init.plot")}
          x={[0, DEPTH]}
          y={[low, high]}
          whole
          xName={t("cards.init.layer")}
          yText={(value) => short(10 ** value)}
          curves={[{ name: "", tone: "one", points: logs, dots: true }]}
        />
      </Side>
    </Sides>
  );
}

export const init: Card = { id: "init", shelf: "calculators", Body };
