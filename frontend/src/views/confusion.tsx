import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { INTENSITY } from "../charts/colours";
import * as format from "../charts/format";
import { Matrix } from "../charts/Matrix";
import { integersOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

/** Every row's counts as shares of that row, 0..255: a rare class is as visible as a frequent one. */
export function shares(counts: ArrayLike<number>, classes: number): Uint8Array {
  const cells = new Uint8Array(classes * classes);
  for (let row = 0; row < classes; row++) {
    let sum = 0;
    for (let column = 0; column < classes; column++) sum += counts[row * classes + column] as number;
    if (sum === 0) continue;
    for (let column = 0; column < classes; column++) {
      const at = row * classes + column;
      cells[at] = Math.round((255 * (counts[at] as number)) / sum);
    }
  }
  return cells;
}

/** What each class was taken for, on the validation samples: rows the truth, columns the prediction. */
export function ConfusionView({ node, large, brief }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const frame = useFrame(wishFor("confusion", node, 0), box);
  const counts = frame && integersOf(frame, "counts");
  const size = counts?.shape[0] ?? 0;
  const names = (frame?.header.about as { classes?: string[] } | undefined)?.classes;
  const labels = useMemo(() => Array.from({ length: size }, (_, i) => names?.[i] ?? String(i)), [names, size]);
  const values = useMemo(() => (counts ? shares(counts.data, size) : new Uint8Array()), [counts, size]);

  return (
    <div ref={box} className={classes.stack} data-testid="view-confusion">
      {counts ? (
        <div className={classes.captioned}>
          <div className={brief || large ? classes.fill : classes.square}>
            <Matrix
              rows={labels}
              columns={labels}
              values={values}
              table={INTENSITY[theme]}
              theme={theme}
              centred={large}
              rowTitle={brief ? undefined : t("confusion.truth")}
              columnTitle={brief ? undefined : t("confusion.predicted")}
              label={t("confusion.label")}
              write={(row, column) => {
                const count = counts.data[row * size + column] as number;
                return count > 0 ? String(count) : "";
              }}
              describe={(row, column) => {
                const count = counts.data[row * size + column] as number;
                const share = (values[row * size + column] as number) / 255;
                const words = { truth: labels[row], predicted: labels[column], count, share: format.percent(share) };
                return row === column ? t("confusion.right", words) : t("confusion.wrong", words);
              }}
            />
          </div>
          {!brief && !large && (
            <aside className={classes.caption}>
              <p>{t("confusion.caption")}</p>
            </aside>
          )}
        </div>
      ) : (
        <Waiting subject="confusion" />
      )}
    </div>
  );
}
