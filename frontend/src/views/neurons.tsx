import { useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";
import { colourise } from "../charts/bitmap";
import { DIVERGING } from "../charts/colours";
import * as format from "../charts/format";
import { ImageGrid } from "../charts/ImageGrid";
import { signed } from "../charts/signed";
import { bytesOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { ColourBar } from "./ColourBar";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

/** What every unit of a layer answers over the whole plane. */
export function NeuronsView({ node, title, large }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const frame = useFrame(wishFor("neurons", node, 0), box);
  const units = frame && bytesOf(frame, "units");
  const paint = useCallback(
    (unit: number) => {
      if (!units) return new ImageData(1, 1);
      const [, side] = units.shape as [number, number];
      const table = signed(DIVERGING[theme], units.lo[unit] as number, units.hi[unit] as number);
      return colourise(units.data, side, side, table, unit * side * side);
    },
    [units, theme],
  );

  return (
    <div ref={box} className={classes.stack} data-testid="view-neurons">
      {units ? (
        <>
          <div className={classes.fill}>
            <ImageGrid
              count={units.shape[0] as number}
              aspect={1}
              paint={paint}
              theme={theme}
              smooth
              gap={large ? 10 : 6}
              most={large ? 260 : 150}
              label={t("neurons.label", { count: units.shape[0] as number, title })}
              describe={(unit) =>
                t("neurons.unit", {
                  unit: unit + 1,
                  low: format.value(units.lo[unit] as number),
                  high: format.value(units.hi[unit] as number),
                })
              }
            />
          </div>
          <ColourBar table={DIVERGING[theme]} low={t("scale.negative")} middle="0" high={t("scale.positive")} />
        </>
      ) : (
        <Waiting subject="neurons" />
      )}
    </div>
  );
}
