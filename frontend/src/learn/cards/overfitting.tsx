import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { BodyProps, Card } from "../card";
import measured from "../measured.json";
import { Note, Press, Side, Table, Verdict } from "../parts";
import { percent } from "../write";

type Remedy = "none" | "data" | "smaller" | "decay" | "dropout" | "stopping" | "ema";

/** M-018; notes 0:231-234, 1:288-360, 2:63-79. Measured by tests/accept/learn.py. */
function Body({ open }: BodyProps) {
  const { t } = useTranslation("learn");
  const [chosen, setChosen] = useState<string>("none");
  const [none] = measured.remedies;
  const remedy = measured.remedies.find((each) => each.remedy === chosen) ?? none;
  if (!none || !remedy) return null;
  const better = remedy.validation < none.validation;
  return (
    <Side>
      <Table
        label={t("cards.overfitting.title")}
        heads={[
          t("cards.overfitting.remedy"),
          t("cards.overfitting.train"),
          t("cards.overfitting.validation"),
          t("cards.overfitting.accuracy"),
          "",
        ]}
        rows={measured.remedies.map((each) => ({
          key: each.remedy,
          lit: each.remedy === chosen,
          cells: [
            <Press key="name" on={each.remedy === chosen} onClick={() => setChosen(each.remedy)}>
              {t(`cards.overfitting.names.${each.remedy as Remedy}`)}
            </Press>,
            short(each.train, 3),
            short(each.validation, 3),
            percent(each.accuracy),
            <Press key="try" onClick={() => open({ document: each.board })}>
              {t("cards.overfitting.try")}
            </Press>,
          ],
        }))}
      />
      <Verdict mood={chosen === "none" ? "bad" : better ? "good" : "plain"}>
        {t(`cards.overfitting.why.${chosen as Remedy}`)}
      </Verdict>
      <Note>{t("cards.overfitting.note")}</Note>
    </Side>
  );
}

export const overfitting: Card = { id: "overfitting", shelf: "strategy", Body };
