import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Check, Choice } from "../../explain/parts";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { type Bend, productBack } from "../numbers/starts";
import { Plot } from "../Plot";
import { Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { tex, texIn } from "../write";

/** C-066; notes 3:191-209. The last factor is σ′(z₄), not σ′(z₃) twice. */
function Body() {
  const { t } = useTranslation("learn");
  const [layers, setLayers] = useState(4);
  const [bend, setBend] = useState<Bend>("sigmoid");
  const [z, setZ] = useState(0);
  const [w, setW] = useState(1);
  const [skip, setSkip] = useState(false);
  const count = Array.from({ length: layers }, () => 1);
  const { factors } = productBack(
    bend,
    count.map(() => z),
    count.map(() => w),
  );
  const factor = (factors[0] ?? 0) + (skip ? 1 : 0);
  // With a skip connection the slope goes round the layer as well: 1 + g′(z)·w.
  const { products } = productBack(
    "identity",
    count,
    count.map(() => factor),
  );
  const first = products[layers - 1] ?? 0;
  const size = Math.abs(first);
  const verdict = size < 0.05 ? "gone" : size > 20 ? "blown" : "fine";
  const logs = [1, ...products].map(
    (product, at) => [layers - at, Math.log10(Math.max(1e-20, Math.abs(product)))] as const,
  );
  return (
    <Sides>
      <Side>
        <Choice
          label={t("cards.init.bend")}
          value={bend}
          onChange={setBend}
          options={(["sigmoid", "tanh", "relu"] as const).map((value) => ({
            value,
            title: value === "relu" ? "ReLU" : value,
          }))}
        />
        <Row>
          <Num name={t("cards.vanishing.layers")} value={layers} low={1} high={50} whole onChange={setLayers} />
        </Row>
        <Row>
          <Num name={t("cards.vanishing.z")} value={z} low={-20} high={20} onChange={setZ} />
        </Row>
        <Row>
          <Num name={t("cards.vanishing.w")} value={w} low={-20} high={20} onChange={setW} />
        </Row>
        <Check title={t("cards.vanishing.skip")} on={skip} onChange={setSkip} />
        <Lines>
          <Line name={t("cards.vanishing.product")} testId="product">
            {`(${skip ? "1+" : ""}g'(${tex(z)})\\cdot ${texIn(w)})^{${layers}}=${texIn(factor)}^{${layers}}=${tex(first, 8)}`}
          </Line>
        </Lines>
      </Side>
      <Side>
        <Verdict mood={verdict === "fine" ? "good" : "bad"}>
          {t(`cards.vanishing.${verdict}`, {
            share: verdict === "blown" ? short(first) : `${short(100 * first, 4)} %`,
          })}
        </Verdict>
        <Plot
          label={t("cards.vanishing.plot")}
          x={[0, layers]}
          y={[
            Math.min(-1, ...logs.map(([, value]) => Math.floor(value))),
            Math.max(0.2, ...logs.map(([, value]) => Math.ceil(value))),
          ]}
          whole
          xName={t("cards.init.layer")}
          yText={(value) => short(10 ** value)}
          curves={[{ name: "", tone: "two", points: logs, dots: true }]}
        />
      </Side>
    </Sides>
  );
}

export const vanishing: Card = { id: "vanishing", shelf: "calculators", boards: ["plain-56", "resnet-56"], Body };
