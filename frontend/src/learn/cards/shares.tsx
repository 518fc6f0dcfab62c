import { useState } from "react";
import { useTranslation } from "react-i18next";
import { softmax } from "../../explain/arithmetic";
import { short } from "../../explain/picture";
import { exact } from "../../graph/amount";
import type { Card } from "../card";
import { shareOf } from "../numbers/classify";
import { Amount, Bars, Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { put, sub, tex, texIn } from "../write";

/** C-034, C-035; notes 0:121-130. */
function Body() {
  const { t } = useTranslation("learn");
  const [scores, setScores] = useState([21, 8, 11]);
  const [truth, setTruth] = useState(1);
  const shares = shareOf(scores);
  const soft = softmax(scores);
  const k = Math.min(truth, scores.length) - 1;
  const p = soft[k] ?? 1;
  const [first = 0, second = 0] = [...scores].sort((a, b) => b - a);
  const broken = scores.some((score) => score < 0) || !shares.every(Number.isFinite);
  const named = (values: readonly number[]) =>
    values.map((value, at) => ({
      name: sub("p", at + 1),
      value: Number.isFinite(value) ? value : 0,
      text: Number.isFinite(value) ? short(value, 6) : "–",
    }));
  return (
    <Sides>
      <Side>
        <Row title={t("cards.shares.scores")}>
          {scores.map((value, at) => (
            <Num
              key={sub("s", at)}
              name={sub("s", at + 1)}
              value={value}
              low={-1000}
              high={1000}
              onChange={(next) => setScores(put(scores, at, next))}
            />
          ))}
        </Row>
        <Row>
          <Num name={t("cards.shares.truth")} value={k + 1} low={1} high={scores.length} whole onChange={setTruth} />
          <Amount
            title={t("cards.shares.classes")}
            onMore={scores.length < 8 ? () => setScores([...scores, 0]) : undefined}
            onLess={scores.length > 2 ? () => setScores(scores.slice(0, -1)) : undefined}
          />
        </Row>
        <Verdict mood={broken ? "bad" : "plain"}>
          {broken
            ? t("cards.shares.broken")
            : t("cards.shares.fine", {
                lead: short(first - second, 2),
                times: exact(Number(Math.exp(first - second).toPrecision(3))),
              })}
        </Verdict>
      </Side>
      <Side>
        <Lines>
          <Line name={t("cards.shares.share")} testId="shares">
            {`p_1=\\dfrac{${tex(scores[0] ?? 0)}}{${scores.map((s) => texIn(s)).join("+")}}=${tex(shares[0] ?? 0)}`}
          </Line>
          <Bars label={t("cards.shares.share")} bars={named(shares)} />
          <Line name={t("cards.shares.softmax")} testId="softmax">
            {`p_1=\\dfrac{e^{${tex(scores[0] ?? 0)}}}{${scores.map((s) => `e^{${tex(s)}}`).join("+")}}=${tex(soft[0] ?? 0, 8)}`}
          </Line>
          <Bars label={t("cards.shares.softmax")} bars={named(soft)} />
          <Line name={t("cards.shares.loss")}>{`e=-\\ln p_{${k + 1}}=-\\ln ${texIn(p, 8)}=${tex(-Math.log(p))}`}</Line>
        </Lines>
      </Side>
    </Sides>
  );
}

export const shares: Card = { id: "shares", shelf: "calculators", boards: ["softmax-classifier"], Body };
