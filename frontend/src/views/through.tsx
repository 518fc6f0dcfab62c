import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import * as format from "../charts/format";
import { Through } from "../charts/Through";
import { floatsOf, integersOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

interface Lie {
  mean: number;
  deviation: number;
}

interface About {
  reach: number;
  before: Lie;
  after: Lie;
  numbers: number;
  samples: number;
}

/** How numbers lie before and behind a layer: below an activation's curve, around a normalisation. */
export function ThroughView({ node, title, brief }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const wish = useMemo(() => wishFor("through", node, 0), [node]);
  const frame = useFrame(wish, box);
  const titles = useMemo(() => ({ before: t("through.before"), after: t("through.after") }), [t]);
  const picture = useMemo(() => {
    const before = frame && integersOf(frame, "before");
    const after = frame && integersOf(frame, "after");
    if (!before || !after) return null;
    const [curve, slope] = [floatsOf(frame, "curve"), floatsOf(frame, "slope")];
    return {
      before: before.data,
      after: after.data,
      curve: curve?.data ?? new Float32Array(),
      slope: slope?.data ?? new Float32Array(),
    };
  }, [frame]);
  const about = frame?.header.about as unknown as About | undefined;
  const lie = (which: "before" | "after") =>
    about &&
    t("through.lie", {
      which: titles[which],
      mean: format.value(about[which].mean),
      deviation: format.value(about[which].deviation),
    });
  return (
    <div ref={box} className={classes.stack} data-testid="view-through">
      {picture && about ? (
        <>
          <div className={classes.fill}>
            <Through
              {...picture}
              reach={about.reach}
              theme={theme}
              titles={titles}
              label={`${t("through.label", { title })} ${lie("before")}; ${lie("after")}`}
              describe={(low, high, before, after) =>
                t("through.bin", { low, high, before: format.whole(before), after: format.whole(after) })
              }
            />
          </div>
          {!brief && (
            <ul className={classes.key} data-wrap data-testid="through-key">
              <li>
                <i className={classes.tick} style={{ background: "var(--train)" }} /> {lie("before")}
              </li>
              <li>
                <i className={classes.tick} style={{ background: "var(--validation)" }} /> {lie("after")}
              </li>
              {picture.curve.length > 0 && (
                <>
                  <li>
                    <i className={classes.tick} style={{ background: "var(--accent-text)" }} /> f
                  </li>
                  <li>
                    <i className={classes.tick} style={{ background: "var(--text-dim)" }} /> {t("through.slope")}
                  </li>
                </>
              )}
              <li>{t("through.counted", { count: about.samples, numbers: format.whole(about.numbers) })}</li>
            </ul>
          )}
        </>
      ) : (
        <Waiting subject="through" />
      )}
    </div>
  );
}
