import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import * as format from "../charts/format";
import { type Axis, Terrain } from "../charts/Terrain";
import { floatsOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

interface Choice {
  name: string;
  /** The number of its first weight among all that learn. */
  first: number;
  count: number;
}

interface About {
  axes: (Axis & { number: number })[];
  choices: Choice[];
  samples: number;
}

/** The loss over one or two weights that one chooses, and the way that the run takes there. */
export function TerrainView({ node, title }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<readonly number[] | null>(null);
  const port = chosen?.join(",") ?? "";
  const wish = useMemo(() => ({ ...wishFor("terrain", node, 0), port }), [node, port]);
  const frame = useFrame(wish, box);
  const picture = useMemo(() => {
    const [loss, path] = [frame && floatsOf(frame, "loss"), frame && floatsOf(frame, "path")];
    return loss && path ? { loss: loss.data, side: loss.shape[0] as number, path: path.data } : null;
  }, [frame]);
  const latest = useRef<About | null>(null);
  const about = (frame?.header.about as unknown as About | undefined) ?? latest.current;
  latest.current = about;
  const numbers = chosen ?? about?.axes.map(({ number }) => number) ?? [];
  const put = (axis: number, number: number | null) =>
    setChosen(
      number === null ? numbers.slice(0, axis) : [...numbers.slice(0, axis), number, ...numbers.slice(axis + 1)],
    );
  if (!about) {
    return (
      <div ref={box} className={classes.stack} data-testid="view-terrain">
        <Waiting subject="terrain" />
      </div>
    );
  }
  return (
    <div ref={box} className={classes.captioned} data-testid="view-terrain">
      <div className={classes.fill}>
        {picture && frame ? (
          <Terrain
            {...picture}
            axes={(frame.header.about as unknown as About).axes}
            theme={theme}
            label={t("terrain.label", {
              title,
              weights: about.axes
                .map(({ name, low, high }) => `${name} ${format.value(low)} … ${format.value(high)}`)
                .join(", "),
            })}
          />
        ) : (
          <Waiting subject="terrain" />
        )}
      </div>
      <aside className={classes.weights}>
        {[0, 1].map((axis) =>
          axis <= numbers.length ? (
            <Weight
              key={axis}
              axis={axis}
              number={numbers[axis] ?? null}
              other={numbers[1 - axis] ?? null}
              choices={about.choices}
              onChange={(number) => put(axis, number)}
            />
          ) : null,
        )}
        <p>{t("terrain.caption", { count: about.samples })}</p>
      </aside>
    </div>
  );
}

interface WeightProps {
  axis: number;
  number: number | null;
  other: number | null;
  choices: readonly Choice[];
  onChange: (number: number | null) => void;
}

/** Which weight lies along an axis: a layer's, and which of them. The second may be none. */
function Weight({ axis, number, other, choices, onChange }: WeightProps) {
  const { t } = useTranslation("dock");
  const at = choices.findIndex(({ first, count }) => number !== null && number >= first && number < first + count);
  const of = choices[at];
  const free = ({ first, count }: Choice): number | null => (first !== other ? first : count > 1 ? first + 1 : null);
  return (
    <div className={classes.weight}>
      <select
        aria-label={t(axis === 0 ? "terrain.across" : "terrain.up")}
        data-testid={`terrain-layer-${axis}`}
        value={at}
        onChange={(event) => {
          const next = choices[Number(event.currentTarget.value)];
          onChange(next ? free(next) : null);
        }}
      >
        {axis === 1 && <option value={-1}>{t("terrain.none")}</option>}
        {choices.map((each, index) => (
          <option key={each.first} value={index} disabled={free(each) === null}>
            {each.name}
          </option>
        ))}
      </select>
      {of && of.count > 1 && number !== null && (
        <input
          type="number"
          min={1}
          max={of.count}
          value={number - of.first + 1}
          aria-label={t("terrain.which", { count: of.count })}
          title={t("terrain.which", { count: of.count })}
          data-testid={`terrain-number-${axis}`}
          onChange={(event) => {
            const next = of.first + Math.min(of.count, Math.max(1, Math.round(Number(event.currentTarget.value)))) - 1;
            if (next !== other) onChange(next);
          }}
        />
      )}
    </div>
  );
}
