import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { ceiling as most } from "../numbers/decisions";
import { Bars, Num, Row, Side, Sides, Verdict } from "../parts";

const TAGS = ["blurred", "mislabelled", "alike", "dark"] as const;

/** M-008, V-015; notes 1:408-418. */
function Body() {
  const { t } = useTranslation("learn");
  const [error, setError] = useState(10);
  const [looked, setLooked] = useState(100);
  const [counts, setCounts] = useState({ blurred: 41, mislabelled: 6, alike: 28, dark: 12 });
  const rows = TAGS.map((tag) => ({ tag, most: most(error, Math.min(counts[tag], looked), looked) })).sort(
    (a, b) => b.most - a.most,
  );
  const [first] = rows;
  return (
    <Sides>
      <Side>
        <Row>
          <Num name={t("cards.ceiling.error")} unit="%" value={error} low={0} high={100} onChange={setError} />
          <Num name={t("cards.ceiling.looked")} value={looked} low={1} high={10_000} whole onChange={setLooked} />
        </Row>
        {TAGS.map((tag) => (
          <Row key={tag}>
            <Num
              name={t(`cards.ceiling.${tag}`)}
              value={counts[tag]}
              low={0}
              high={looked}
              whole
              onChange={(next) => setCounts({ ...counts, [tag]: next })}
            />
          </Row>
        ))}
      </Side>
      <Side>
        <Bars
          label={t("cards.ceiling.title")}
          bars={rows.map(({ tag, most: value }) => ({
            name: t(`cards.ceiling.${tag}`),
            value,
            text: t("cards.ceiling.to", { from: short(error, 2), to: short(error - value, 2) }),
          }))}
        />
        {first && (
          <Verdict>
            {t("cards.ceiling.verdict", {
              tag: t(`cards.ceiling.${first.tag}`),
              points: short(first.most, 2),
              to: short(error - first.most, 2),
            })}
          </Verdict>
        )}
      </Side>
    </Sides>
  );
}

export const ceiling: Card = { id: "ceiling", shelf: "strategy", Body };
