import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "../card";
import classes from "../learn.module.css";
import { batchWay, lineLoss, noisyLine } from "../numbers/batches";
import { around, Plot } from "../Plot";
import { Note, Num, Row, Side, Sides } from "../parts";
import { Relief } from "../Relief";

const COUNT = 32;
const POINTS = noisyLine(COUNT, 0.6, 11);
const START = [-1.5, 2] as const;
const LAND = {
  f: (a: number, b: number) => lineLoss(POINTS, a, b),
  x: [-2.5, 3.5],
  y: [-3, 3],
} as const;

/** T-001…T-003; notes 0:338, 1:112-140, whose names of the second and third vary from book to book. */
function Body() {
  const { t } = useTranslation("learn");
  const [size, setSize] = useState(8);
  const [rate, setRate] = useState(0.15);
  const [epochs, setEpochs] = useState(4);
  const ways = useMemo(
    () =>
      (
        [
          ["batch", COUNT, "one"],
          ["mini", size, "two"],
          ["single", 1, "three"],
        ] as const
      ).map(([key, each, tone]) => ({ key, tone, size: each, way: batchWay(POINTS, each, rate, epochs, START, 3) })),
    [size, rate, epochs],
  );
  const losses = ways.map(({ way }) => way.map(({ a, b, seen }) => [seen, Math.min(1e3, LAND.f(a, b))] as const));
  const name = (key: (typeof ways)[number]["key"], each: number) => t(`cards.batches.${key}`, { size: each });
  return (
    <Sides>
      <Side>
        <Relief surface={LAND} label={t("cards.batches.label")} testId="ways">
          {(toX, toY) =>
            ways.map(({ key, tone, way }) => (
              <g key={key} data-tone={tone} className={classes.series} data-testid={`way-${key}`}>
                <polyline
                  points={way
                    .map(
                      ({ a, b }) =>
                        `${toX(Math.max(-9, Math.min(9, a))).toFixed(1)},${toY(Math.max(-9, Math.min(9, b))).toFixed(1)}`,
                    )
                    .join(" ")}
                />
              </g>
            ))
          }
        </Relief>
        <Row>
          <Num name={t("cards.batches.size")} value={size} low={2} high={COUNT - 1} whole onChange={setSize} />
          <Num name={t("cards.batches.rate")} value={rate} low={0.001} high={2} onChange={setRate} />
          <Num name={t("cards.batches.epochs")} value={epochs} low={1} high={40} whole onChange={setEpochs} />
        </Row>
      </Side>
      <Side>
        <Plot
          label={t("cards.batches.plot")}
          x={[0, COUNT * epochs]}
          y={[0, around(losses.flat().map(([, loss]) => loss))[1]]}
          whole
          xName={t("cards.batches.seen")}
          yName={t("cards.batches.loss")}
          curves={ways.map(({ key, tone, size: each }, at) => ({
            name: name(key, each),
            tone,
            points: losses[at] ?? [],
          }))}
        />
        <Note>{t("cards.batches.note")}</Note>
      </Side>
    </Sides>
  );
}

export const batches: Card = { id: "batches", shelf: "figures", boards: ["linear-regression"], Body };
