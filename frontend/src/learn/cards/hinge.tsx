import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { hinge as hingeOf } from "../numbers/classify";
import { Amount, Line, Lines, Num, Row, Side, Sides, Verdict } from "../parts";
import { put, sub, tex, texIn } from "../write";

/** C-064; notes 2:52. */
function Body() {
  const { t } = useTranslation("learn");
  const [scores, setScores] = useState([3.2, 5.1, -1.7]);
  const [truth, setTruth] = useState(1);
  const [margin, setMargin] = useState(1);
  const k = Math.min(truth, scores.length) - 1;
  const { parts, loss } = hingeOf(scores, k, margin);
  const alike = scores.every((score) => score === scores[0]);
  const close = parts.filter((part) => part > 0).length;
  return (
    <Sides>
      <Side>
        <Row title={t("cards.hinge.scores")}>
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
          <Num name={t("cards.hinge.truth")} value={k + 1} low={1} high={scores.length} whole onChange={setTruth} />
          <Num name={t("cards.hinge.margin")} value={margin} low={0} high={100} onChange={setMargin} />
        </Row>
        <Amount
          title={t("cards.hinge.classes")}
          onMore={scores.length < 10 ? () => setScores([...scores, 0]) : undefined}
          onLess={scores.length > 2 ? () => setScores(scores.slice(0, -1)) : undefined}
        />
      </Side>
      <Side>
        <Lines>
          {scores.map((score, at) =>
            at === k ? null : (
              <Line key={sub("s", at)} name={sub("s", at + 1)}>
                {`\\max(0,\\;${tex(score)}-${texIn(scores[k] ?? 0)}+${tex(margin)})=${tex(parts[at] ?? 0)}`}
              </Line>
            ),
          )}
          <Line name={t("cards.hinge.loss")} testId="loss">{`L=${tex(loss)}`}</Line>
        </Lines>
        <Verdict mood={loss === 0 ? "good" : "plain"}>
          {loss === 0
            ? t("cards.hinge.zero")
            : alike && margin === 1
              ? t("cards.hinge.start", { loss: short(loss) })
              : t("cards.hinge.some", { n: close, loss: short(loss) })}
        </Verdict>
      </Side>
    </Sides>
  );
}

export const hinge: Card = { id: "hinge", shelf: "calculators", boards: ["linear-svm"], Body };
