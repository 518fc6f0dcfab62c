/** A graph of single numbers: values above the wires, slopes below, or gaps to fill in. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../explain/parts";
import { short } from "../explain/picture";
import own from "./byHand.module.css";
import { type Knot, passes } from "./numbers/tape";
import { Num, Row, Side, Sides, Verdict } from "./parts";

/** A knot with its place, in columns and rows of the picture, and what is computed there. */
export interface Placed extends Knot {
  at: readonly [number, number];
  sign: string;
}

const [COLUMN, LINE] = [128, 74];

interface ByHandProps {
  knots: readonly Placed[];
  start: Readonly<Record<string, number>>;
}

export function ByHand({ knots, start }: ByHandProps) {
  const { t } = useTranslation("learn");
  const [inputs, setInputs] = useState(start);
  const [mode, setMode] = useState<"shown" | "hand">("shown");
  const [filled, setFilled] = useState<Record<string, number>>({});
  const { value, slope } = passes(knots, inputs);
  const last = knots[knots.length - 1] as Placed;
  const asked = [
    ...knots.filter(({ op }) => op !== "input").map(({ id }) => ({ key: `value ${id}`, id, wanted: value[id] ?? 0 })),
    ...[...knots].reverse().map(({ id }) => ({ key: `slope ${id}`, id, wanted: slope[id] ?? 0 })),
  ];
  const right = (key: string, wanted: number) => filled[key] !== undefined && Math.abs(filled[key] - wanted) < 0.005;
  const hidden = (key: string, wanted: number) => mode === "hand" && !right(key, wanted);
  const count = asked.filter(({ key, wanted }) => right(key, wanted)).length;
  const columns = Math.max(...knots.map(({ at }) => at[0])) + 1;
  const rows = Math.max(...knots.map(({ at }) => at[1])) + 1;
  const toX = (knot: Placed) => 30 + knot.at[0] * COLUMN;
  const toY = (knot: Placed) => 40 + knot.at[1] * LINE;
  const fill = (kind: "value" | "slope") =>
    asked
      .filter(({ key }) => key.startsWith(kind))
      .map(({ key, id, wanted }) => (
        <span key={key} className={own.fill} data-right={right(key, wanted) || undefined}>
          <Num
            name={kind === "value" ? id : `∂${last.id}/∂${id}`}
            value={filled[key] ?? 0}
            testId={`fill-${kind}-${id}`}
            onChange={(next) => setFilled({ ...filled, [key]: next })}
          />
        </span>
      ));
  return (
    <Sides>
      <Side>
        <Row>
          {knots
            .filter(({ op }) => op === "input")
            .map(({ id }) => (
              <Num
                key={id}
                name={id}
                value={inputs[id] ?? 0}
                low={-100}
                high={100}
                onChange={(next) => {
                  setInputs({ ...inputs, [id]: next });
                  setFilled({});
                }}
              />
            ))}
        </Row>
        <Choice
          label={t("parts.byHand")}
          value={mode}
          onChange={setMode}
          options={[
            { value: "shown", title: t("parts.shown") },
            { value: "hand", title: t("parts.byHand") },
          ]}
        />
        {mode === "hand" && (
          <>
            <Row title={t("parts.forward")}>{fill("value")}</Row>
            <Row title={t("parts.backward", { out: last.id })}>{fill("slope")}</Row>
            <Verdict mood={count === asked.length ? "good" : "plain"}>
              {t("parts.right", { right: count, all: asked.length })}
            </Verdict>
          </>
        )}
      </Side>
      <Side>
        <svg
          viewBox={`0 0 ${60 + (columns - 1) * COLUMN + 50} ${56 + (rows - 1) * LINE + 24}`}
          role="img"
          aria-label={knots
            .map(({ id }) => `${id} = ${hidden(`value ${id}`, value[id] ?? 0) ? "?" : short(value[id] ?? 0)}`)
            .join(", ")}
          className={own.graph}
          data-testid="graph"
        >
          {knots.map((knot) =>
            knot.from.map((id) => {
              const other = knots.find((each) => each.id === id) as Placed;
              return (
                <line key={id} x1={toX(other)} y1={toY(other)} x2={toX(knot)} y2={toY(knot)} className={own.wire} />
              );
            }),
          )}
          {knots.map((knot) => {
            const [v, s] = [value[knot.id] ?? 0, slope[knot.id] ?? 0];
            return (
              <g key={knot.id} data-testid={`knot-${knot.id}`}>
                <circle
                  cx={toX(knot)}
                  cy={toY(knot)}
                  r={17}
                  className={own.knot}
                  data-op={knot.op !== "input" || undefined}
                />
                <text x={toX(knot)} y={toY(knot)} className={own.sign}>
                  {knot.sign}
                </text>
                <text x={toX(knot) + 21} y={toY(knot) - 15} className={own.forward}>
                  {`${knot.id} = ${knot.op !== "input" && hidden(`value ${knot.id}`, v) ? "?" : short(v)}`}
                </text>
                <text x={toX(knot) + 21} y={toY(knot) + 16} className={own.backward}>
                  {hidden(`slope ${knot.id}`, s) ? "?" : short(s)}
                </text>
              </g>
            );
          })}
        </svg>
      </Side>
    </Sides>
  );
}
