import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "../card";
import { LayersFields, TWO_LAYERS } from "../LayersFields";
import { sigmoidPass } from "../numbers/backprop";
import { Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { percent, put, sub, tex, texMatrix, texRow } from "../write";

const size = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** C-045, A-009; notes 1:63-94. */
function Body() {
  const { t } = useTranslation("learn");
  const [layers, setLayers] = useState(TWO_LAYERS);
  const [x, setX] = useState([1, 2]);
  const [wanted, setWanted] = useState([1, 0]);
  const pass = sigmoidPass(layers, x, wanted);
  return (
    <Sides>
      <Side>
        <LayersFields layers={layers} x={x} onLayers={setLayers} onX={setX} />
        <Row title={t("cards.backprop-sigmoid.wanted")}>
          {wanted.map((value, at) => (
            <Num
              key={sub("y", at)}
              name={sub("y", at + 1)}
              value={value}
              low={0}
              high={1}
              onChange={(next) => setWanted(put(wanted, at, next))}
            />
          ))}
        </Row>
        <Verdict>
          {t("cards.backprop-sigmoid.slow", { share: percent(size(pass.dW1.flat()) / (size(pass.dW2.flat()) || 1)) })}
        </Verdict>
      </Side>
      <Side>
        <Lines>
          <Line name="b = σ(W₁x + b₁)">{`\\alpha=${texRow(pass.alpha)},\\quad b=${texRow(pass.b)}`}</Line>
          <Line name="ŷ = σ(W₂b + b₂)">{`\\beta=${texRow(pass.beta)},\\quad \\hat y=${texRow(pass.y)}`}</Line>
          <Line name="E = ½Σ(ŷ − y)²">{`E=${tex(pass.loss)}`}</Line>
          <Line name="g = ŷ(1 − ŷ)(y − ŷ)">{`g=${texRow(pass.g)}`}</Line>
          <Line name="∂E/∂W₂ = −g bᵀ">{`\\frac{\\partial E}{\\partial W_2}=${texMatrix(pass.dW2)}`}</Line>
          <Line name="e = b(1 − b) W₂ᵀg">{`e=${texRow(pass.e)}`}</Line>
          <Line name="∂E/∂W₁ = −e xᵀ" testId="w1">
            {`\\frac{\\partial E}{\\partial W_1}=${texMatrix(pass.dW1)}`}
          </Line>
        </Lines>
      </Side>
    </Sides>
  );
}

export const backpropSigmoid: Card = { id: "backprop-sigmoid", shelf: "calculators", boards: ["mlp"], Body };
