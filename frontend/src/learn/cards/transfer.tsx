import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Slider } from "../../explain/parts";
import type { Card } from "../card";
import { freezing } from "../numbers/decisions";
import { Note, Num, Row, Side, Sides, Verdict } from "../parts";
import own from "./transfer.module.css";

/** M-011, M-012; notes 2:248-250, 2:305-313, 4:176-195. */
function Body() {
  const { t } = useTranslation("learn");
  const [samples, setSamples] = useState(800);
  const [similar, setSimilar] = useState(0.8);
  const [layers, setLayers] = useState(8);
  const { way, trained } = freezing(samples, similar, layers);
  return (
    <Sides>
      <Side>
        <Row>
          <Num name={t("cards.transfer.samples")} value={samples} low={1} high={1e8} whole onChange={setSamples} />
          <Num name={t("cards.transfer.layers")} value={layers} low={2} high={24} whole onChange={setLayers} />
        </Row>
        <Slider name={t("cards.transfer.similar")} value={similar} low={0} high={1} onChange={setSimilar} />
        <Verdict mood="good">{t(`cards.transfer.${way}`)}</Verdict>
        <Note>{t("cards.transfer.note")}</Note>
      </Side>
      <Side>
        <ol className={own.layers} aria-label={t("cards.transfer.shown", { trained, layers })}>
          {Array.from({ length: layers }, (_, at) => {
            const learns = at >= layers - trained;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
              <li key={at} data-learns={learns || undefined}>
                <span>{at === layers - 1 ? t("cards.transfer.last") : t("cards.transfer.layer", { n: at + 1 })}</span>
                <span>{t(learns ? "cards.transfer.learns" : "cards.transfer.frozen")}</span>
              </li>
            );
          })}
        </ol>
      </Side>
    </Sides>
  );
}

export const transfer: Card = { id: "transfer", shelf: "strategy", Body };
