import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Reduction, type Slide, slide } from "./arithmetic";
import classes from "./explain.module.css";
import { Grey, scene } from "./filtered";
import { Cells, Slider, Sum } from "./parts";
import { short } from "./picture";
import { change, edges, moved, routed } from "./routing";

interface PooledProps {
  down: Slide;
  across: Slide;
  how: Reduction;
}

/** Where the gradient goes on its way back through a pooling: every output has a number of its own to be followed. */
export function Routed({ input, down, across, how }: PooledProps & { input: readonly (readonly number[])[] }) {
  const { t } = useTranslation("explain");
  const output = slide(input, down, across, [], how);
  const columns = output[0]?.length ?? 0;
  const gradients = output.map((row, r) => row.map((_, c) => r * columns + c + 1));
  const back = routed(input, down, across, how, gradients);
  const wide = input[0]?.length ?? 0;
  const cell = Math.min(30, 268 / Math.max(wide, 7));
  const gap = 24;
  const [above, below] = [output.length * cell, input.length * cell];
  const left = (count: number) => (268 - count * cell) / 2;
  return (
    <div className={`${classes.stack} ${classes.part}`} data-testid="explain-routed">
      <h4 className={classes.heading}>{t("routed.title")}</h4>
      <svg
        viewBox={`0 0 268 ${above + gap + below}`}
        role="img"
        aria-label={t("routed.label")}
        className={classes.picture}
      >
        <Cells
          name="gradient-out"
          rows={output.length}
          columns={columns}
          size={cell}
          x={left(columns)}
          value={(r, c) => gradients[r]?.[c] ?? null}
          tone={() => "now"}
        />
        <text x={134} y={above + gap / 2} className={classes.caption}>
          {t("routed.input")}
        </text>
        <Cells
          name="gradient-in"
          rows={input.length}
          columns={wide}
          size={cell}
          x={left(wide)}
          y={above + gap}
          value={(r, c) => back[r]?.[c] ?? null}
          tone={(r, c) => (back[r]?.[c] ? "lit" : "")}
        />
      </svg>
      <p className={classes.note}>{t(how === "max" ? "routed.max" : "routed.mean")}</p>
    </div>
  );
}

const MAP = edges(scene);

/** A feature map and what is pooled of it while the picture below moves: how much of each is another then. */
export function Shifted({ down, across, how }: PooledProps) {
  const { t } = useTranslation("explain");
  const [by, setBy] = useState(1);
  const after = moved(MAP, by);
  const pool = (map: readonly (readonly number[])[]) => slide(map, down, across, [], how).map((row) => row.map(finite));
  const [still, pooled] = [pool(MAP), pool(after)];
  const percent = (share: number) => short(100 * share, 0);
  return (
    <div className={`${classes.stack} ${classes.part}`} data-testid="explain-shifted">
      <h4 className={classes.heading}>{t("shifted.title")}</h4>
      <div className={classes.two}>
        <Grey values={after} label={t("shifted.map")} />
        <Grey values={pooled} label={t("shifted.pooled")} />
      </div>
      <Slider name={t("shifted.by")} value={by} low={-4} high={4} step={1} onChange={setBy} />
      <Sum testId="explain-shift">
        {t("shifted.change", { map: percent(change(MAP, after)), pooled: percent(change(still, pooled)) })}
      </Sum>
      <p className={classes.note}>{t("shifted.note")}</p>
    </div>
  );
}

/** A window that lies in the padding alone has no maximum; it is drawn as nothing. */
const finite = (value: number) => (Number.isFinite(value) ? value : 0);
