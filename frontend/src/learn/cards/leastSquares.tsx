import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import classes from "../learn.module.css";
import { leastSquares as solved } from "../numbers/matrix";
import { around, Plot } from "../Plot";
import { Amount, Grid, Line, Lines, Press, Row, Side, Sides, Verdict } from "../parts";
import { sub, tex, texMatrix, texRow, texVector } from "../write";

/** Inputs, and the answer last. */
const EXAMPLES = {
  four: [
    [2, 2, 10],
    [3, 4, 12],
    [4, 5, 15],
    [6, 8, 18],
  ],
  exactly: [
    [1, 2],
    [3, 6],
  ],
  single: [[2, 5]],
  noisy: [
    [0, 1.2],
    [1, 2.7],
    [2, 5.4],
    [3, 6.6],
    [4, 9.3],
  ],
} as const;

/** C-032, C-033, T-010, V-025; notes 0:70-99. */
function Body() {
  const { t } = useTranslation("learn");
  const [rows, setRows] = useState<number[][]>(EXAMPLES.four.map((row) => [...row]));
  const inputs = (rows[0]?.length ?? 1) - 1;
  const matrix = rows.map((row) => [1, ...row.slice(0, inputs)]);
  const answers = rows.map((row) => row[inputs] ?? 0);
  const found = solved(matrix, answers);
  const columns = [...Array.from({ length: inputs }, (_, at) => sub("x", at + 1)), "y"];
  const verdict =
    found.exact === "none"
      ? t(found.free ? "cards.least-squares.noneFree" : "cards.least-squares.none", { sse: short(found.sse) })
      : t(`cards.least-squares.${found.exact}`, { rank: found.rank, columns: inputs + 1 });
  return (
    <Sides>
      <Side>
        <Row title={t("cards.least-squares.presets")}>
          {(Object.keys(EXAMPLES) as (keyof typeof EXAMPLES)[]).map((key) => (
            <Press key={key} onClick={() => setRows(EXAMPLES[key].map((row) => [...row]))}>
              {t(`cards.least-squares.${key}`)}
            </Press>
          ))}
        </Row>
        <Grid title={t("cards.least-squares.examples")} rows={rows} columns={columns} onChange={setRows}>
          <Amount
            title={t("cards.least-squares.rows")}
            onMore={
              rows.length < 10 ? () => setRows([...rows, rows[rows.length - 1]?.map((v) => v + 1) ?? []]) : undefined
            }
            onLess={rows.length > 1 ? () => setRows(rows.slice(0, -1)) : undefined}
          />
          <Amount
            title={t("cards.least-squares.columns")}
            onMore={
              inputs < 4
                ? () => setRows(rows.map((row, at) => [...row.slice(0, inputs), at * at, row[inputs] ?? 0]))
                : undefined
            }
            onLess={
              inputs > 1 ? () => setRows(rows.map((row) => [...row.slice(0, inputs - 1), row[inputs] ?? 0])) : undefined
            }
          />
        </Grid>
        {inputs === 1 && <Points rows={rows} weights={found.solution} />}
      </Side>
      <Side>
        <Verdict mood={found.exact === "one" ? "good" : "plain"}>{verdict}</Verdict>
        <Lines>
          <Line
            name={t("cards.least-squares.examples")}
          >{`A=${texMatrix(matrix)},\\quad y=${texVector(answers)}`}</Line>
          <Line name={t("cards.least-squares.gram")}>{`A^{\\top}A=${texMatrix(found.gram)}`}</Line>
          <Line name={t("cards.least-squares.moment")}>{`A^{\\top}y=${texVector(found.moment)}`}</Line>
          <Line name={t("cards.least-squares.answer")} testId="weights">
            {found.free
              ? `a=A^{+}y=${texVector(found.solution)}`
              : `a=(A^{\\top}A)^{-1}A^{\\top}y=${texVector(found.solution)}`}
          </Line>
          <Line name={t("cards.least-squares.error")}>
            {`y-Aa=${texRow(found.residuals)},\\quad \\sum r^2=${tex(found.sse)}`}
          </Line>
        </Lines>
      </Side>
    </Sides>
  );
}

function Points({ rows, weights }: { rows: readonly (readonly number[])[]; weights: readonly number[] }) {
  const { t } = useTranslation("learn");
  const line = (x: number) => (weights[0] ?? 0) + (weights[1] ?? 0) * x;
  const points = rows.map(([x = 0, y = 0]) => [x, y] as const);
  const [low, high] = around(
    points.map(([x]) => x),
    0.15,
  );
  return (
    <Plot
      label={t("cards.least-squares.plot")}
      x={[low, high]}
      y={around([...points.map(([, y]) => y), line(low), line(high)])}
      xName="x₁"
      yName="y"
      curves={[
        { name: "", tone: "one", points: [low, high].map((x) => [x, line(x)] as const) },
        { name: "", tone: "two", points, loose: true },
      ]}
    >
      {(toX, toY) =>
        points.map(([x, y], at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a point is its place
          <line key={at} x1={toX(x)} x2={toX(x)} y1={toY(y)} y2={toY(line(x))} className={classes.rest} />
        ))
      }
    </Plot>
  );
}

export const leastSquares: Card = {
  id: "least-squares",
  shelf: "calculators",
  boards: ["least-squares"],
  Body,
};
