import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "../card";
import { gapOf } from "../numbers/gap";
import { Note, Num, Press, Row, Side, Sides, Table, Verdict } from "../parts";
import { percent } from "../write";

const IDEAS = {
  bias: ["larger", "longer", "optimizer", "architecture"],
  variance: ["data", "augment", "regularise", "architecture"],
} as const;
type Idea = (typeof IDEAS)["bias" | "variance"][number];

/** M-005, M-006; notes 1:278-286, 1:240. */
function Body() {
  const { t } = useTranslation("learn");
  const [errors, setErrors] = useState({ human: 1, train: 15, dev: 16 });
  const [history, setHistory] = useState<{ idea: Idea; train: number; dev: number }[]>([]);
  const { verdict } = gapOf(errors.train / 100, errors.dev / 100, errors.human / 100, true);
  const kind = verdict === "bias" || verdict === "both" ? "bias" : verdict === "variance" ? "variance" : null;
  const last = history[history.length - 1];
  const better = last && errors.dev < last.dev;
  return (
    <Sides>
      <Side>
        {(["human", "train", "dev"] as const).map((name) => (
          <Row key={name}>
            <Num
              name={t(`cards.bias-variance.${name}`)}
              unit="%"
              value={errors[name]}
              low={0}
              high={100}
              onChange={(next) => setErrors({ ...errors, [name]: next })}
            />
          </Row>
        ))}
        <Verdict mood={kind ? "bad" : "good"}>{t(`cards.recipe.${kind ?? "done"}`)}</Verdict>
        {kind && (
          <Row title={t("cards.recipe.ideas")}>
            {IDEAS[kind].map((idea) => (
              <Press
                key={idea}
                onClick={() => setHistory([...history, { idea, train: errors.train, dev: errors.dev }])}
              >
                {t(`cards.recipe.${idea}`)}
              </Press>
            ))}
          </Row>
        )}
      </Side>
      <Side>
        <Table
          label={t("cards.recipe.history")}
          heads={[t("cards.recipe.idea"), t("cards.recipe.train"), t("cards.recipe.dev")]}
          rows={[
            ...history.map(({ idea, train, dev }, at) => ({
              key: `${at} ${idea}`,
              cells: [`${at + 1}. ${t(`cards.recipe.${idea}`)}`, percent(train / 100), percent(dev / 100)],
            })),
            {
              key: "now",
              lit: true,
              cells: [t("cards.recipe.now"), percent(errors.train / 100), percent(errors.dev / 100)],
            },
          ]}
        />
        {last && (
          <Note>
            {t(better ? "cards.recipe.better" : "cards.recipe.same", { idea: t(`cards.recipe.${last.idea}`) })}
          </Note>
        )}
        <Note>{t("cards.recipe.note")}</Note>
      </Side>
    </Sides>
  );
}

export const recipe: Card = { id: "recipe", shelf: "strategy", boards: ["spiral"], Body };
