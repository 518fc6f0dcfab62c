import { useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import type { Card } from "../card";
import { misses } from "../numbers/counts";
import { Amount, Grid, Line, Lines, Side, Sides, Verdict } from "../parts";
import { tex, texIn } from "../write";

/** C-058; notes 1:98-103. */
function Body() {
  const { t } = useTranslation("learn");
  const [rows, setRows] = useState([
    [3, 2],
    [5, 5],
    [9, 7],
    [12, 12.5],
  ]);
  const truth = rows.map(([value = 0]) => value);
  const said = rows.map(([, value = 0]) => value);
  const { mse, rmse: root, mae } = misses(truth, said);
  const parts = rows.map(([y = 0, guess = 0]) => `${texIn(Number((guess - y).toFixed(6)))}^2`).join("+");
  return (
    <Sides>
      <Side>
        <Grid
          title={t("cards.rmse.table")}
          rows={rows}
          columns={[`y (${t("cards.rmse.truth")})`, `ŷ (${t("cards.rmse.said")})`]}
          onChange={setRows}
        >
          <Amount
            title={t("cards.rmse.rows")}
            onMore={rows.length < 10 ? () => setRows([...rows, [10, 10]]) : undefined}
            onLess={rows.length > 1 ? () => setRows(rows.slice(0, -1)) : undefined}
          />
        </Grid>
        <Verdict>
          {mae === 0
            ? t("cards.rmse.none")
            : root > 1.3 * mae
              ? t("cards.rmse.outlier", { times: short(root / mae, 2) })
              : t("cards.rmse.even")}
        </Verdict>
      </Side>
      <Side>
        <Lines>
          <Line name="MSE">{`\\dfrac{${parts}}{${rows.length}}=${tex(mse)}`}</Line>
          <Line name="RMSE" testId="rmse">{`\\sqrt{${tex(mse)}}=${tex(root)}`}</Line>
          <Line name="MAE">{`\\dfrac{1}{${rows.length}}\\sum|\\hat y-y|=${tex(mae)}`}</Line>
        </Lines>
      </Side>
    </Sides>
  );
}

export const rmse: Card = { id: "rmse", shelf: "calculators", boards: ["linear-regression"], Body };
