import { useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "../../graph/amount";
import type { Card } from "../card";
import { sufficiency } from "../numbers/counts";
import { Line, Lines, Note, Num, Row, Side, Sides, Verdict } from "../parts";
import { tex } from "../write";

/** C-073, M-010; notes 2:78, 2:234-238. */
function Body() {
  const { t } = useTranslation("learn");
  const [kinds, setKinds] = useState(10);
  const [perClass, setPerClass] = useState(500);
  const [parameters, setParameters] = useState(61_706);
  const { ratio, missing, verdict } = sufficiency(kinds, perClass, parameters);
  return (
    <Sides>
      <Side>
        <Row>
          <Num name={t("cards.samples.classes")} value={kinds} low={1} high={1e5} whole onChange={setKinds} />
        </Row>
        <Row>
          <Num name={t("cards.samples.perClass")} value={perClass} low={1} high={1e8} whole onChange={setPerClass} />
        </Row>
        <Row>
          <Num
            name={t("cards.samples.parameters")}
            value={parameters}
            low={1}
            high={1e12}
            whole
            onChange={setParameters}
          />
        </Row>
      </Side>
      <Side>
        <Verdict mood={verdict === "plenty" ? "good" : verdict === "few" ? "bad" : "plain"}>
          {t(`cards.samples.${verdict}`)}
        </Verdict>
        <Lines>
          <Line name={t("cards.samples.ratio")} testId="ratio">
            {`\\dfrac{${kinds}\\cdot ${perClass}}{${exact(parameters).replaceAll(",", "\\,")}}=${tex(Number(ratio.toPrecision(4)), 6)}`}
          </Line>
          <Line name={t("cards.samples.missing")}>
            {`${kinds}\\cdot\\max(0,\\,3000-${perClass})=${exact(missing).replaceAll(",", "\\,")}`}
          </Line>
        </Lines>
        <Note>{t("cards.samples.note")}</Note>
      </Side>
    </Sides>
  );
}

export const samples: Card = { id: "samples", shelf: "calculators", Body };
