import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import { exact } from "../../graph/amount";
import type { Card } from "../card";
import { noticeable, splitCounts } from "../numbers/counts";
import { Bars, Num, Press, Row, Side, Sides, Verdict } from "../parts";
import { put } from "../write";

const PRESETS = [
  [98, 1, 1],
  [80, 10, 10],
  [60, 20, 20],
] as const;
const PARTS = ["train", "dev", "test"] as const;

/** C-063, M-007; notes 1:238-256. */
function Body() {
  const { t } = useTranslation("learn");
  const [samples, setSamples] = useState(1_000_000);
  const [shares, setShares] = useState<readonly number[]>(PRESETS[0]);
  const [accuracy, setAccuracy] = useState(90);
  const counts = splitCounts(samples, shares);
  const test = counts[2] ?? 0;
  const least = 100 * noticeable(accuracy / 100, Math.max(1, test));
  return (
    <Sides>
      <Side>
        <Row>
          <Num name={t("cards.splits.samples")} value={samples} low={1} high={1e9} whole onChange={setSamples} />
          <Num name={t("cards.splits.accuracy")} unit="%" value={accuracy} low={1} high={99.9} onChange={setAccuracy} />
        </Row>
        <Row title={t("cards.splits.shares")}>
          {PARTS.map((part, at) => (
            <Num
              key={part}
              name={t(`cards.splits.${part}`)}
              value={shares[at] ?? 0}
              low={0}
              high={100}
              onChange={(next) => setShares(put(shares, at, next))}
            />
          ))}
        </Row>
        <Row>
          {PRESETS.map((preset) => (
            <Press key={preset.join()} onClick={() => setShares(preset)}>
              {preset.join(" / ")}
            </Press>
          ))}
        </Row>
      </Side>
      <Side>
        <Bars
          label={t("cards.splits.title")}
          bars={PARTS.map((part, at) => ({
            name: t(`cards.splits.${part}`),
            value: counts[at] ?? 0,
            text: exact(counts[at] ?? 0),
          }))}
        />
        <Verdict mood={counts.some((count) => count === 0) || least > 2 ? "bad" : "good"}>
          {counts.some((count) => count === 0)
            ? t("cards.splits.empty")
            : t(least > 2 ? "cards.splits.coarse" : "cards.splits.fine", {
                count: exact(test),
                points: short(least, 2),
              })}
        </Verdict>
      </Side>
    </Sides>
  );
}

export const splits: Card = { id: "splits", shelf: "calculators", Body };
