import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Check, Choice } from "../../explain/parts";
import type { Card } from "../card";
import { type Cloud, cloud, type Feature, parted } from "../numbers/features";
import { Note, Row, Side, Sides, Table, Verdict } from "../parts";
import { percent } from "../write";
import own from "./features.module.css";

const [COUNT, SEED, STEPS, CELLS, SIDE] = [150, 2, 300, 24, 300];
const NAMES: Record<Feature, string> = { x: "x", y: "y", xx: "x²", yy: "y²", xy: "x·y" };
const SETS: readonly (readonly Feature[])[] = [["x", "y"], ["xx", "yy"], ["xy"], ["x", "y", "xx", "yy", "xy"]];

/** M-014; notes 0:252, 2:236. */
function Body() {
  const { t } = useTranslation("learn");
  const [kind, setKind] = useState<Cloud>("ring");
  const [features, setFeatures] = useState<readonly Feature[]>(["x", "y"]);
  const samples = useMemo(() => cloud(kind, COUNT, SEED), [kind]);
  const { accuracy, share } = useMemo(() => parted(samples, features, STEPS), [samples, features]);
  const sets = useMemo(() => SETS.map((set) => ({ set, accuracy: parted(samples, set, STEPS).accuracy })), [samples]);
  const best = Math.max(...sets.map((each) => each.accuracy));
  const place = (value: number) => ((value + 1) / 2) * SIDE;
  return (
    <Sides>
      <Side>
        <Choice
          label={t("cards.features.points")}
          value={kind}
          onChange={setKind}
          options={(["halves", "ring", "corners"] as const).map((value) => ({
            value,
            title: t(`cards.features.${value}`),
          }))}
        />
        <Row title={t("cards.features.features")}>
          {(Object.keys(NAMES) as Feature[]).map((name) => (
            <Check
              key={name}
              title={NAMES[name]}
              on={features.includes(name)}
              onChange={(on) =>
                setFeatures(
                  (Object.keys(NAMES) as Feature[]).filter((each) => (each === name ? on : features.includes(each))),
                )
              }
            />
          ))}
        </Row>
        <Verdict mood={accuracy > 0.95 ? "good" : "bad"}>
          {t(accuracy > 0.95 ? "cards.features.straight" : "cards.features.bent", { share: percent(accuracy, 0) })}
        </Verdict>
        <Table
          label={t("cards.features.compared")}
          heads={[t("cards.features.features"), t("cards.f1.accuracy")]}
          rows={sets.map((each) => ({
            key: each.set.join(),
            lit: each.accuracy === best,
            cells: [each.set.map((name) => NAMES[name]).join(", "), percent(each.accuracy, 0)],
          }))}
        />
        <Note>{t("cards.features.note")}</Note>
      </Side>
      <Side>
        <svg
          viewBox={`0 0 ${SIDE} ${SIDE}`}
          role="img"
          aria-label={t("cards.features.picture", { share: percent(accuracy, 0) })}
          className={own.plane}
        >
          {Array.from({ length: CELLS * CELLS }, (_, at) => {
            const [column, row] = [at % CELLS, Math.floor(at / CELLS)];
            const one = share(((column + 0.5) / CELLS) * 2 - 1, 1 - ((row + 0.5) / CELLS) * 2);
            const cell = SIDE / CELLS;
            return (
              <rect
                key={`${column} ${row}`}
                x={column * cell}
                y={row * cell}
                width={cell + 0.3}
                height={cell + 0.3}
                data-one={one > 0.5 || undefined}
                fillOpacity={0.08 + 0.5 * Math.abs(one - 0.5)}
              />
            );
          })}
          {samples.map(({ x, y, truth }) => (
            <circle key={`${x} ${y}`} cx={place(x)} cy={SIDE - place(y)} r={3.4} data-one={truth === 1 || undefined} />
          ))}
        </svg>
      </Side>
    </Sides>
  );
}

export const features: Card = { id: "features", shelf: "strategy", boards: ["logistic-regression", "spiral"], Body };
