import { useState } from "react";
import { useTranslation } from "react-i18next";
import { percent, value, whole } from "../../charts/format";
import type { Reply } from "../../state/asking";
import { floatsOf } from "../../state/runFrames";
import figures from "./table.module.css";
import { aboutOf, type Wanted } from "./wanted";

const COLUMNS = ["precision", "recall", "f1", "support"] as const;

interface ClassTableProps {
  reply: Reply;
  wanted: Wanted;
  onWant: (wanted: Wanted) => void;
}

/** Precision, recall, F1 and how many there are of every class; a class leads to the mistakes on it. */
export function ClassTable({ reply, wanted, onWant }: ClassTableProps) {
  const { t } = useTranslation("verdict");
  const [by, setBy] = useState(-1);
  const about = aboutOf(reply);
  const cells = floatsOf(reply, "table")?.data;
  if (!cells || !about.classes) return null;
  const at = (row: number, column: number) => cells[4 * row + column] as number;
  const rows = about.classes.map((name, row) => ({ name, row }));
  // By a figure the worst first: those are what one looks for.
  if (by >= 0) rows.sort((a, b) => at(a.row, by) - at(b.row, by) || a.row - b.row);
  const averages = about.averages;
  return (
    <table className={figures.table} data-testid="class-table">
      <caption>{t("table.title")}</caption>
      <thead>
        <tr>
          {["class", ...COLUMNS].map((name, index) => (
            <th key={name} scope="col" aria-sort={by === index - 1 && by >= 0 ? "ascending" : undefined}>
              <button
                type="button"
                title={
                  name === "precision" || name === "recall" || name === "f1"
                    ? t(`table.${name}Help`)
                    : t("table.sort", { name: t(`table.${name as "class"}`) })
                }
                onClick={() => setBy(index - 1)}
              >
                {t(`table.${name as "class"}`)}
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, row }) => (
          <tr key={row} data-chosen={(wanted.of === "class" && wanted.truth === row) || undefined}>
            <th scope="row">
              <button
                type="button"
                title={t("table.show", { name })}
                data-testid={`class-${row}`}
                onClick={() => onWant({ of: "class", truth: row })}
              >
                {name}
              </button>
            </th>
            {COLUMNS.map((column, index) => (
              <td key={column}>{column === "support" ? whole(at(row, index)) : percent(at(row, index))}</td>
            ))}
          </tr>
        ))}
      </tbody>
      {averages && (
        <tfoot>
          {(["macro", "weighted"] as const).map((name) => (
            <tr key={name} data-testid={`average-${name}`}>
              <th scope="row">{t(`table.${name}`)}</th>
              {averages[name].map((share, index) => (
                <td key={COLUMNS[index]}>{percent(share)}</td>
              ))}
              <td>{whole(about.places ?? 0)}</td>
            </tr>
          ))}
        </tfoot>
      )}
    </table>
  );
}

/** RMSE, MAE and R² of every output of a regression; one of them is drawn. */
export function OutputTable({ reply, onDraw }: { reply: Reply; onDraw: (output: number) => void }) {
  const { t } = useTranslation("verdict");
  const about = aboutOf(reply);
  const cells = floatsOf(reply, "table")?.data;
  if (!cells || !about.columns || about.columns.length < 2) return null;
  return (
    <table className={figures.table} data-testid="output-table">
      <caption>{t("table.outputs")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("table.output")}</th>
          {(["rmse", "mae", "r2"] as const).map((name) => (
            <th key={name} scope="col" title={t(`totals.${name}Help`)}>
              {t(`totals.${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {about.columns.slice(0, 200).map((name, row) => (
          <tr key={name} data-chosen={about.drawn === row || undefined}>
            <th scope="row">
              <button type="button" onClick={() => onDraw(row)}>
                {name}
              </button>
            </th>
            {[0, 1, 2].map((column) => (
              <td key={column}>{value(cells[3 * row + column] as number)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
