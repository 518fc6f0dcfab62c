import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { dot } from "../numbers/matrix";
import { Line, Lines, Note, Num, Row, Side, Sides, Verdict } from "../parts";
import { put, sub, tex, texIn, texRow, texSum } from "../write";

const squares = (w: readonly number[]) => dot(w, w);
const sizes = (w: readonly number[]) => w.reduce((sum, value) => sum + Math.abs(value), 0);

/** C-046; notes 0:236-239, 1:292-306. */
function Body() {
  const { t } = useTranslation("learn");
  const [x, setX] = useState([1, 1]);
  const [one, setOne] = useState([1, 0]);
  const [two, setTwo] = useState([0.5, 0.5]);
  const [strength, setStrength] = useState(0.1);
  const alike = Math.abs(dot(one, x) - dot(two, x)) < 1e-9;
  const [a, b] = [squares(one), squares(two)];
  const field = (title: string, name: string, values: readonly number[], set: (values: number[]) => void) => (
    <Row title={title}>
      {values.map((value, at) => (
        <Num
          key={sub(name, at)}
          name={sub(name, at + 1)}
          value={value}
          low={-100}
          high={100}
          onChange={(next) => set(put(values, at, next))}
        />
      ))}
    </Row>
  );
  return (
    <Sides>
      <Side>
        {field(t("cards.l2.input"), "x", x, setX)}
        {field(t("cards.l2.first"), "w", one, setOne)}
        {field(t("cards.l2.second"), "w", two, setTwo)}
        <Row>
          <Num name={t("cards.l2.strength")} value={strength} low={0} high={100} onChange={setStrength} />
        </Row>
        <Verdict mood={alike ? "good" : "plain"}>
          {!alike
            ? t("cards.l2.differ")
            : Math.abs(a - b) < 1e-12
              ? t("cards.l2.tie")
              : t("cards.l2.same", {
                  which: t(a < b ? "cards.l2.one" : "cards.l2.two"),
                  a: short(Math.min(a, b)),
                  b: short(Math.max(a, b)),
                })}
        </Verdict>
      </Side>
      <Side>
        <Lines>
          <Line name={t("cards.l2.answers")}>
            {`${texSum(one, x)}=${tex(dot(one, x))},\\quad ${texSum(two, x)}=${tex(dot(two, x))}`}
          </Line>
          <Line name={t("cards.l2.l2")} testId="l2">
            {`${one.map((w) => `${texIn(w)}^2`).join("+")}=${tex(a)},\\quad ${two.map((w) => `${texIn(w)}^2`).join("+")}=${tex(b)}`}
          </Line>
          <Line name={t("cards.l2.l1")}>{`\\sum|w|:\\quad ${tex(sizes(one))},\\quad ${tex(sizes(two))}`}</Line>
          <Line name={t("cards.l2.pull")}>{`2\\lambda w=${texRow(one.map((w) => 2 * strength * w))}`}</Line>
        </Lines>
        <Note>{t("cards.l2.note")}</Note>
      </Side>
    </Sides>
  );
}

export const l2: Card = { id: "l2", shelf: "calculators", Body };
