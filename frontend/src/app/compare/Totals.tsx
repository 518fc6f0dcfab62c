import { useTranslation } from "react-i18next";
import { amount, difference, exact, memory } from "../../graph/amount";
import type { Comparison } from "../../wire/types";
import classes from "./compare.module.css";

const MEASURES = ["parameters", "macs", "operations", "activation_bytes", "training_bytes"] as const;

/** What both boards cost, and by how much they differ. */
export function Totals({ found: { titles, a, b, more, ratios } }: { found: Comparison }) {
  const { t } = useTranslation("compare");
  return (
    <section aria-labelledby="totals">
      <h2 id="totals">{t("totals")}</h2>
      <table className={classes.totals}>
        <thead>
          <tr>
            <th scope="col">{t("measure")}</th>
            {[0, 1].map((at) => (
              <th key={at} scope="col" title={titles[at]}>
                {titles[at] || t("untitled")}
              </th>
            ))}
            <th scope="col">{t("more")}</th>
            <th scope="col">{t("ratio")}</th>
          </tr>
        </thead>
        <tbody>
          {MEASURES.map((measure) => {
            const write = measure.endsWith("bytes") ? memory : amount;
            const ratio = ratios[measure];
            return (
              <tr key={measure} data-testid={`compare-total-${measure}`}>
                <th scope="row">{t(measure)}</th>
                <td title={exact(a[measure])}>{write(a[measure])}</td>
                <td title={exact(b[measure])}>{write(b[measure])}</td>
                <td title={exact(more[measure])} data-more={Math.sign(more[measure])}>
                  {difference(more[measure], write)}
                </td>
                <td>{ratio == null ? "–" : t("times", { ratio })}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
