import { useRef } from "react";
import { useTranslation } from "react-i18next";
import * as format from "../charts/format";
import { useChoice } from "../state/runChoice";
import { type Frame, floatsOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import type { ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

interface Rows {
  /** Row by row, what leaves the node forward; and the slope of the loss there, where one comes back. */
  values: number[][];
  slopes: number[][] | null;
}

/** A frame's numbers in rows as long as its last axis; a single number is one row of one. */
export function rowsOf(frame: Frame): Rows {
  const { sizes } = frame.header.about as { sizes?: number[] };
  const long = sizes?.at(-1) ?? 1;
  const cut = (name: string): number[][] | null => {
    const all = floatsOf(frame, name)?.data;
    if (!all) return null;
    return Array.from({ length: Math.ceil(all.length / long) }, (_, i) => [...all.subarray(i * long, (i + 1) * long)]);
  };
  return { values: cut("values") ?? [], slopes: cut("gradients") };
}

/** `2.000 · 1.000 · −3.000 …`: the first numbers, and whether there are more. */
const brief = (rows: readonly number[][], most: number): string => {
  const all = rows.flat();
  return all.slice(0, most).map(format.value).join("  ") + (all.length > most ? " …" : "");
};

/** Numbers that a card has room for. */
const MOST = 4;

/** On a node's card: what leaves it, and below it the slope of the loss there. */
export function NumbersPicture({ frame, label }: { frame: Frame; label: string }) {
  const { t } = useTranslation("dock");
  const { values, slopes } = rowsOf(frame);
  const slope = slopes ? brief(slopes, MOST) : "–";
  return (
    <p
      className={classes.numbers}
      role="img"
      aria-label={`${label}: ${brief(values, MOST)}; ${t("numbers.slope")} ${slope}`}
    >
      <b>{brief(values, MOST)}</b>
      <span title={t("numbers.slopeHelp")}>
        {t("numbers.slope")} {slope}
      </span>
    </p>
  );
}

/** What leaves a node for the chosen sample, number by number, each with the slope of the loss below it. */
export function NumbersView({ node, title, brief: short }: ViewProps) {
  const { t } = useTranslation("dock");
  const box = useRef<HTMLDivElement>(null);
  const sample = useChoice((choice) => choice.sample);
  const frame = useFrame(wishFor("numbers", node, sample), box);
  const rows = frame && rowsOf(frame);
  return (
    <div ref={box} className={classes.stack} data-testid="view-numbers">
      {rows ? (
        <>
          <div className={classes.numbersTable}>
            <table aria-label={t("numbers.label", { title })}>
              <tbody>
                {rows.values.map((row, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a row is its number
                  <tr key={i}>
                    {row.map((value, j) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
                      <td key={j}>
                        <b>{format.value(value)}</b>
                        <span>{rows.slopes ? format.value(rows.slopes[i]?.[j] ?? Number.NaN) : "–"}</span>
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <ul className={classes.key}>
            <li>
              <b className={classes.forward}>{t("numbers.forward")}</b>
            </li>
            <li>
              <span className={classes.backward}>
                {t(rows.slopes ? (short ? "numbers.backwardShort" : "numbers.backward") : "numbers.none")}
              </span>
            </li>
          </ul>
        </>
      ) : (
        <Waiting subject="numbers" />
      )}
    </div>
  );
}
