import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { DIVERGING } from "../charts/colours";
import * as format from "../charts/format";
import { Matrix } from "../charts/Matrix";
import { signed } from "../charts/signed";
import { useChoice } from "../state/runChoice";
import { bytesOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { aboutStates, type Lane } from "../state/runStates";
import { wishFor } from "../state/runViews";
import { ColourBar } from "./ColourBar";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

/** What a recurrent layer remembers of the chosen sample: a row a step, a column a unit. */
export function StatesView({ node, title, large, brief }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const sample = useChoice((choice) => choice.sample);
  const wish = useMemo(() => wishFor("states", node, sample), [node, sample]);
  const frame = useFrame(wish, box);
  const [picked, pick] = useState(0);
  const about = aboutStates(frame);
  const lanes = about?.lanes ?? [];
  const chosen = Math.min(picked, Math.max(0, lanes.length - 1));
  const lane = lanes[chosen];
  const states = frame && bytesOf(frame, String(chosen));
  const [, down, across] = (states?.shape ?? [1, 0, 0]) as [number, number, number];
  const [low, high] = [states?.lo[0] ?? 0, states?.hi[0] ?? 0];
  const table = useMemo(() => signed(DIVERGING[theme], low, high), [theme, low, high]);
  const rows = useMemo(() => {
    const read = about?.tokens[0] ?? [];
    const steps = Array.from({ length: down - 1 }, (_, step) => `${step + 1} ${named(read[step], step)}`.trim());
    const begins = t("states.begins");
    return lane?.backwards ? [...steps, begins] : [begins, ...steps];
  }, [about, down, lane, t]);
  const columns = useMemo(() => Array.from({ length: across }, (_, unit) => String(unit + 1)), [across]);
  const laneName = useCallback(
    ({ name, layer, backwards }: Lane) =>
      [
        name,
        lanes.some((other) => other.layer > 1) && t("states.layer", { layer }),
        backwards && t("states.backwards"),
        !backwards && lanes.some((other) => other.backwards) && t("states.forwards"),
      ]
        .filter(Boolean)
        .join(", "),
    [lanes, t],
  );
  if (!frame || !about || !lane || !states) {
    return (
      <div ref={box} className={classes.stack} data-testid="view-states">
        <Waiting subject="states" />
      </div>
    );
  }
  return (
    <div ref={box} className={classes.stack} data-testid="view-states">
      {lanes.length > 1 && !brief && (
        <fieldset className={classes.lanes} aria-label={t("states.choose")}>
          {lanes.map((each, index) => (
            <button
              key={`${each.name} ${each.layer} ${each.backwards}`}
              type="button"
              aria-pressed={index === chosen}
              data-testid={`lane-${index}`}
              onClick={() => pick(index)}
            >
              {laneName(each)}
            </button>
          ))}
        </fieldset>
      )}
      <div className={classes.captioned}>
        <div className={classes.fill}>
          <Matrix
            rows={rows}
            columns={columns}
            values={states.data}
            table={table}
            theme={theme}
            centred={large}
            rowTitle={brief ? undefined : t("gates.step")}
            columnTitle={brief ? undefined : t("gates.unit")}
            label={t("states.label", { name: laneName(lane), title })}
            describe={(row, column) =>
              t("states.cell", {
                step: rows[row],
                unit: column + 1,
                name: lane.name,
                value: format.value(low + ((states.data[row * across + column] as number) / 255) * (high - low)),
              })
            }
          />
        </div>
        {!brief && !large && (
          <aside className={classes.caption}>
            <p>{t("states.caption")}</p>
          </aside>
        )}
      </div>
      {!brief && (
        <div className={classes.footer}>
          <ColourBar table={DIVERGING[theme]} low={t("scale.negative")} middle="0" high={t("scale.positive")} />
          {(about.steps > down - 1 || lane.units > across) && (
            <span>
              {t("states.first", { steps: down - 1, allSteps: about.steps, units: across, allUnits: lane.units })}
            </span>
          )}
        </div>
      )}
    </div>
  );
}

/** What is read at a step, where that is more than its number. */
const named = (token: string | undefined, step: number): string =>
  token === undefined || token === String(step + 1) ? "" : token;
