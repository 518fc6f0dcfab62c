import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Check, Choice } from "../../explain/parts";
import { exact } from "../../graph/amount";
import type { BodyProps, Card } from "../card";
import { type Kind, type Method, methodFor } from "../numbers/decisions";
import { Note, Num, Press, Row, Side, Sides, Table, Verdict } from "../parts";

const METHODS: readonly Method[] = ["classic", "small", "transfer", "deep"];
const BOARDS: Partial<Record<Method, string>> = { classic: "logistic-regression", small: "mlp", deep: "resnet-20" };
const AMOUNTS = [300, 20_000, 2_000_000] as const;

/** M-009, V-039; notes 2:3-6. */
function Body({ open }: BodyProps) {
  const { t } = useTranslation("learn");
  const [samples, setSamples] = useState(300);
  const [kind, setKind] = useState<Kind>("picture");
  const [trained, setTrained] = useState(true);
  const found = methodFor(samples, kind, trained);
  const board = BOARDS[found];
  return (
    <Sides>
      <Side>
        <Row>
          <Num name={t("cards.splits.samples")} value={samples} low={1} high={1e9} whole onChange={setSamples} />
        </Row>
        <Row>
          {AMOUNTS.map((amount) => (
            <Press key={amount} onClick={() => setSamples(amount)}>
              {exact(amount)}
            </Press>
          ))}
        </Row>
        <Choice
          label={t("cards.method.kind")}
          value={kind}
          onChange={setKind}
          options={(["table", "picture", "text"] as const).map((value) => ({
            value,
            title: t(value === "text" ? "cards.method.words" : `cards.method.${value}`),
          }))}
        />
        <Check title={t("cards.method.trained")} on={trained} onChange={setTrained} />
        <Verdict mood="good">{t(`cards.method.why.${found}`)}</Verdict>
        {board && (
          <Press onClick={() => open({ gallery: board })}>{t("drawOne", { board: board.replaceAll("-", " ") })}</Press>
        )}
      </Side>
      <Side>
        <Table
          label={t("cards.method.title")}
          heads={[t("cards.method.method"), t("cards.method.needs")]}
          rows={METHODS.map((each) => ({
            key: each,
            lit: each === found,
            dim: each !== found,
            cells: [t(`cards.method.names.${each}`), t(`cards.method.needed.${each}`)],
          }))}
        />
        <Note>{t("cards.method.note")}</Note>
      </Side>
    </Sides>
  );
}

export const method: Card = { id: "method", shelf: "strategy", Body };
