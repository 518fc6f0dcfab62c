import { type CSSProperties, useState } from "react";
import { useTranslation } from "react-i18next";
import { short } from "../../explain/picture";
import { exact } from "../../graph/amount";
import type { BodyProps, Card } from "../card";
import measured from "../measured.json";
import { Note, Press, Side, Sides, Table, Verdict } from "../parts";
import { percent } from "../write";
import own from "./shapes.module.css";

const WIDTHS = [...new Set(measured.shapes.map(({ width }) => width))];
const DEPTHS = [...new Set(measured.shapes.map(({ depth }) => depth))];
const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** M-015, V-036; notes 2:238-242. Measured by tests/accept/learn.py. */
function Body({ open }: BodyProps) {
  const { t } = useTranslation("learn");
  const [[depth, width], setChosen] = useState([2, 8]);
  const of = (d: number, w: number) => measured.shapes.find((each) => each.depth === d && each.width === w);
  const shape = of(depth, width);
  if (!shape) return null;
  const [accuracy, loss] = [middle(shape.accuracy), middle(shape.loss)];
  // The same width, less deep, did learn it: then it is not too small.
  const easier = DEPTHS.some((d) => d < depth && middle(of(d, width)?.accuracy ?? []) > accuracy + 0.05);
  const verdict = accuracy > 0.95 ? "learned" : easier ? "hard" : "small";
  return (
    <Sides>
      <Side>
        <table className={own.grid} aria-label={t("cards.shapes.grid")}>
          <thead>
            <tr>
              <td />
              {WIDTHS.map((w) => (
                <th key={w} scope="col">
                  {t("cards.shapes.wide", { n: w })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {DEPTHS.map((d) => (
              <tr key={d}>
                <th scope="row">{t("cards.shapes.deep", { count: d })}</th>
                {WIDTHS.map((w) => {
                  const share = middle(of(d, w)?.accuracy ?? []);
                  return (
                    <td key={w}>
                      <button
                        type="button"
                        aria-pressed={d === depth && w === width}
                        aria-label={t("cards.shapes.cell", { depth: d, width: w, share: percent(share, 0) })}
                        style={{ "--share": `${Math.max(0, (share - 0.5) * 200).toFixed(0)}%` } as CSSProperties}
                        onClick={() => setChosen([d, w])}
                      >
                        {percent(share, 0)}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
        <Note>{t("cards.shapes.note")}</Note>
      </Side>
      <Side>
        <Verdict mood={verdict === "learned" ? "good" : "bad"}>
          {t(`cards.shapes.${verdict}`, { depth, width })}
        </Verdict>
        <Table
          label={t("cards.shapes.title")}
          heads={["", ""]}
          rows={[
            { key: "p", cells: [t("cards.samples.parameters"), exact(shape.parameters)] },
            { key: "m", cells: [t("cards.shapes.macs"), exact(shape.macs)] },
            { key: "l", cells: [t("cards.shapes.loss"), short(loss, 3)] },
            { key: "a", cells: [t("cards.shapes.runs"), shape.accuracy.map((each) => percent(each, 0)).join(", ")] },
          ]}
        />
        <Press onClick={() => open({ document: shape.board })}>{t("draw")}</Press>
      </Side>
    </Sides>
  );
}

export const shapes: Card = { id: "shapes", shelf: "figures", Body };
