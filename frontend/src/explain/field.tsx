import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { seen, stepOf } from "../graph/receptive";
import { space } from "../graph/shape";
import { useFacts } from "../state/facts";
import type { NodeFacts } from "../wire/types";
import classes from "./explain.module.css";
import { Slider } from "./parts";

/** The space of the first data node that puts out an image or a signal. */
export function dataSpace(nodes: Readonly<Record<string, NodeFacts>>): [number, number] | null {
  for (const facts of Object.values(nodes)) {
    if (Object.keys(facts.inputs).length > 0) continue;
    for (const type of Object.values(facts.outputs)) {
      const found = space(type);
      if (found) return found;
    }
  }
  return null;
}

/** The patch of the board's input that one unit of a layer sees, and that of its neighbour. */
export function FieldPicture({ facts }: { facts: NodeFacts }) {
  const { t } = useTranslation("explain");
  const nodes = useFacts((state) => state.nodes);
  const input = useMemo(() => dataSpace(nodes), [nodes]);
  const output = space(Object.values(facts.outputs)[0]);
  const field = facts.receptive_field;
  const [down, setDown] = useState<number | null>(null);
  const [across, setAcross] = useState<number | null>(null);
  if (!field || !input || !(field.start || field.whole)) return null;
  const [rows, columns] = output ?? [1, 1];
  const row = Math.min(rows - 1, down ?? Math.floor((rows - 1) / 2));
  const column = Math.min(columns - 1, across ?? Math.floor((columns - 1) / 2));
  const patch = (r: number, c: number) =>
    field.whole
      ? ([
          [0, input[0] - 1],
          [0, input[1] - 1],
        ] as const)
      : ([seen(field, 0, r) ?? [0, 0], seen(field, 1, c) ?? [0, 0]] as const);
  const [y, x] = patch(row, column);
  const [, next] = patch(row, Math.min(columns - 1, column + 1));
  const blank = y[1] < y[0] || x[1] < x[0];
  const scale = Math.min(150 / input[0], 236 / input[1]);
  const width = input[1] * scale;
  const height = Math.max(8, input[0] * scale);
  const left = (268 - width) / 2;
  const tall = input[0] === 1 ? height : scale;
  const border = 14;
  const cells = input[0] <= 40 && input[1] <= 40 && input[0] > 1;
  return (
    <div className={classes.stack} data-testid="explain-field">
      <svg
        viewBox={`0 0 268 ${height + 2 * border}`}
        role="img"
        aria-label={blank ? t("field.blank") : t("field.label", { top: y[0], bottom: y[1], left: x[0], right: x[1] })}
        className={classes.picture}
      >
        <g transform={`translate(${left} ${border})`}>
          <rect width={width} height={height} className={classes.field} />
          {cells && (
            <path
              className={classes.lines}
              d={[
                ...Array.from({ length: input[1] - 1 }, (_, at) => `M${(at + 1) * scale} 0V${height}`),
                ...Array.from({ length: input[0] - 1 }, (_, at) => `M0 ${(at + 1) * scale}H${width}`),
              ].join("")}
            />
          )}
          {!field.whole && !blank && next[0] !== x[0] && next[1] >= next[0] && (
            <rect
              x={next[0] * scale}
              y={y[0] * tall}
              width={(next[1] - next[0] + 1) * scale}
              height={(y[1] - y[0] + 1) * tall}
              className={classes.neighbour}
            />
          )}
          <rect
            x={x[0] * scale}
            y={y[0] * tall}
            width={blank ? 0 : (x[1] - x[0] + 1) * scale}
            height={blank ? 0 : (y[1] - y[0] + 1) * tall}
            className={classes.patch}
            data-testid="explain-patch"
          />
        </g>
      </svg>
      {!field.whole && rows > 1 && (
        <Slider name={t("field.row")} value={row} low={0} high={rows - 1} step={1} onChange={setDown} />
      )}
      {!field.whole && columns > 1 && (
        <Slider name={t("field.column")} value={column} low={0} high={columns - 1} step={1} onChange={setAcross} />
      )}
      <p className={classes.note}>
        {field.whole
          ? t("field.whole", { input: input.join("×") })
          : t(rows * columns > 1 ? "field.note" : "field.alone", {
              size: field.size.join("×"),
              input: input.join("×"),
              stride: stepOf(field, 1),
            })}
        {blank && ` ${t("field.blank")}`}
      </p>
    </div>
  );
}
