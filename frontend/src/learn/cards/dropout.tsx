import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import classes from "../learn.module.css";
import { meanOutput, spreadOutput, subNetworks } from "../numbers/ensemble";
import { dot } from "../numbers/matrix";
import { Amount, Line, Lines, Note, Num, Row, Side, Sides, Verdict } from "../parts";
import { put, sub, tex, texSum } from "../write";
import own from "./dropout.module.css";

/** C-071, V-045; notes 3:128-141, 1:308-322. */
function Body() {
  const { t } = useTranslation("learn");
  const [hidden, setHidden] = useState([1, 0.5, 2, 1.5]);
  const [w, setW] = useState([0.4, -1, 0.3, 0.6]);
  const [rate, setRate] = useState(0.5);
  const networks = subNetworks(hidden, w, 0, rate);
  const [mean, whole, spread] = [meanOutput(networks), dot(hidden, w), spreadOutput(networks)];
  const most = Math.max(...networks.map(({ chance }) => chance));
  return (
    <Sides>
      <Side>
        <Row title={t("cards.dropout.hidden")}>
          {hidden.map((value, at) => (
            <Num
              key={sub("h", at)}
              name={sub("h", at + 1)}
              value={value}
              low={-100}
              high={100}
              onChange={(next) => setHidden(put(hidden, at, next))}
            />
          ))}
        </Row>
        <Row title={t("cards.dropout.weights")}>
          {w.map((value, at) => (
            <Num
              key={sub("w", at)}
              name={sub("w", at + 1)}
              value={value}
              low={-100}
              high={100}
              onChange={(next) => setW(put(w, at, next))}
            />
          ))}
        </Row>
        <Row>
          <Num name={t("cards.dropout.rate")} value={rate} low={0} high={0.95} onChange={setRate} />
          <Amount
            title={t("cards.dropout.units")}
            onMore={
              hidden.length < 5
                ? () => {
                    setHidden([...hidden, 1]);
                    setW([...w, 0.5]);
                  }
                : undefined
            }
            onLess={
              hidden.length > 1
                ? () => {
                    setHidden(hidden.slice(0, -1));
                    setW(w.slice(0, -1));
                  }
                : undefined
            }
          />
        </Row>
        <Lines>
          <Line name={t("cards.dropout.whole")}>{`${texSum(hidden, w)}=${tex(whole)}`}</Line>
          <Line name={t("cards.dropout.mean")} testId="mean">
            {`\\sum_{m} P(m)\\,\\sum_i \\frac{m_i}{1-${tex(rate)}}w_ih_i=${tex(Number(mean.toFixed(10)))}`}
          </Line>
        </Lines>
        <Verdict mood="good">
          {t("cards.dropout.verdict", {
            count: networks.length,
            mean: short(Number(mean.toFixed(10))),
            spread: short(spread, 3),
            whole: short(whole),
          })}
        </Verdict>
        <Note>{t("cards.dropout.note")}</Note>
      </Side>
      <Side>
        <h2 className={classes.small}>{t("cards.dropout.networks", { count: networks.length })}</h2>
        <ul className={own.masks}>
          {networks.map(({ kept, chance, output }) => (
            <li key={kept.join()}>
              <svg viewBox="0 0 74 60" aria-hidden style={{ opacity: 0.35 + (0.65 * chance) / most }}>
                {kept.map((there, at) => {
                  const y = 8 + (44 * (at + 0.5)) / kept.length;
                  return (
                    <g key={sub("h", at)} data-there={there || undefined} className={own.unit}>
                      {there && <line x1={16} x2={60} y1={y} y2={30} />}
                      <circle cx={14} cy={y} r={5} />
                    </g>
                  );
                })}
                <circle cx={62} cy={30} r={6} className={own.output} />
              </svg>
              <span className="mono">{short(output, 2)}</span>
            </li>
          ))}
        </ul>
      </Side>
    </Sides>
  );
}

export const dropout: Card = { id: "dropout", shelf: "figures", Body };
