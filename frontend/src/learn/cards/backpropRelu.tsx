import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "../card";
import { LayersFields, TWO_LAYERS } from "../LayersFields";
import { reluPass } from "../numbers/backprop";
import { Line, Lines, Num, Side, Sides, Verdict } from "../parts";
import { tex, texMatrix, texRow } from "../write";

/** C-044; notes 0:316-336. */
function Body() {
  const { t } = useTranslation("learn");
  const [layers, setLayers] = useState(TWO_LAYERS);
  const [x, setX] = useState([1, 2]);
  const [truth, setTruth] = useState(2);
  const pass = reluPass(layers, x, truth - 1);
  const off = pass.z.filter((value) => value <= 0).length;
  return (
    <Sides>
      <Side>
        <LayersFields layers={layers} x={x} onLayers={setLayers} onX={setX}>
          <Num name={t("cards.backprop-relu.truth")} value={truth} low={1} high={2} whole onChange={setTruth} />
        </LayersFields>
        <Verdict>{off > 0 ? t("cards.backprop-relu.dead", { n: off }) : t("cards.backprop-relu.alive")}</Verdict>
      </Side>
      <Side>
        <Lines>
          <Line name="z = W₁x + b₁">{`z=${texRow(pass.z)}`}</Line>
          <Line name="h = max(z, 0)">{`h=${texRow(pass.h)}`}</Line>
          <Line name="s = W₂h + b₂">{`s=${texRow(pass.scores)},\\quad p=${texRow(pass.shares)},\\quad e=${tex(pass.loss)}`}</Line>
          <Line name="∂e/∂s = p − 1">{`\\frac{\\partial e}{\\partial s}=${texRow(pass.dScores)}=\\frac{\\partial e}{\\partial b_2}`}</Line>
          <Line name="∂e/∂W₂ = ∂e/∂s · hᵀ">{`\\frac{\\partial e}{\\partial W_2}=${texMatrix(pass.dW2)}`}</Line>
          <Line name="∂e/∂h = W₂ᵀ · ∂e/∂s">{`\\frac{\\partial e}{\\partial h}=${texRow(pass.dH)}`}</Line>
          <Line name="∂e/∂z, z > 0">{`\\frac{\\partial e}{\\partial z}=${texRow(pass.dZ)}=\\frac{\\partial e}{\\partial b_1}`}</Line>
          <Line name="∂e/∂W₁ = ∂e/∂z · xᵀ" testId="w1">
            {`\\frac{\\partial e}{\\partial W_1}=${texMatrix(pass.dW1)}`}
          </Line>
        </Lines>
      </Side>
    </Sides>
  );
}

export const backpropRelu: Card = { id: "backprop-relu", shelf: "calculators", boards: ["mlp"], Body };
