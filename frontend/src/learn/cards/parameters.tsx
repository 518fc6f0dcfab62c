import { useTranslation } from "react-i18next";
import type { Card } from "../card";
import { Sorting } from "../Sorting";

const PLACES = ["parameter", "hyper"] as const;
const THINGS = {
  weights: "parameter",
  gamma: "parameter",
  slope: "parameter",
  embedding: "parameter",
  rate: "hyper",
  layers: "hyper",
  dropout: "hyper",
  batch: "hyper",
} as const;

/** M-017; notes 2:15, 3:46-52. */
function Body() {
  const { t } = useTranslation("learn");
  return (
    <Sorting
      places={PLACES.map((value) => ({ value, title: t(`cards.parameters.${value}`) }))}
      things={(Object.keys(THINGS) as (keyof typeof THINGS)[]).map((key) => ({
        key,
        text: t(`cards.parameters.${key}.text`),
        why: t(`cards.parameters.${key}.why`),
        place: THINGS[key],
      }))}
    />
  );
}

export const parameters: Card = { id: "parameters", shelf: "strategy", boards: ["mlp"], Body };
