import { useTranslation } from "react-i18next";
import type { Card } from "../card";
import { Sorting } from "../Sorting";

const PLACES = ["train", "dev", "test"] as const;
const THINGS = {
  weights: "train",
  scaling: "train",
  rate: "dev",
  stopping: "dev",
  overfit: "dev",
  threshold: "dev",
  report: "test",
} as const;

/** M-007; notes 0:225-228 (which tune on training data: wrong), 1:238-256. */
function Body() {
  const { t } = useTranslation("learn");
  return (
    <Sorting
      places={PLACES.map((value) => ({ value, title: t(`cards.splits.${value}`) }))}
      things={(Object.keys(THINGS) as (keyof typeof THINGS)[]).map((key) => ({
        key,
        text: t(`cards.roles.${key}.text`),
        why: t(`cards.roles.${key}.why`),
        place: THINGS[key],
      }))}
    />
  );
}

export const roles: Card = { id: "roles", shelf: "strategy", Body };
