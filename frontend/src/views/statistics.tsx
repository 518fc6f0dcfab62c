import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import * as format from "../charts/format";
import { Pairs } from "../charts/Pairs";
import { floatsOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

interface About {
  channels: number;
  samples: number;
  numbers: number;
  frozen: boolean;
  momentum: number | null;
}

const NONE = new Float32Array();

/** Batch norm's mean and variance of every channel: in the batch that was last learned from, and as they are kept. */
export function StatisticsView({ node, title, large, brief }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const wish = useMemo(() => wishFor("statistics", node, 0), [node]);
  const frame = useFrame(wish, box);
  const of = (name: string) => (frame && floatsOf(frame, name)?.data) ?? NONE;
  const about = frame?.header.about as unknown as About | undefined;
  const both = (kind: "mean" | "var") => {
    const [batch, kept] = [of(`batch_${kind}`), of(`running_${kind}`)];
    return (
      <div className={classes.fill}>
        <Pairs
          dots={batch}
          bars={kept}
          theme={theme}
          title={t(`statistics.${kind}`)}
          label={t(`statistics.${kind}Label`, { title })}
          describe={(at) =>
            t(batch.length > at ? "statistics.channel" : "statistics.channelKept", {
              channel: at + 1,
              batch: format.value(batch[at] ?? 0),
              kept: format.value(kept[at] ?? 0),
            })
          }
        />
      </div>
    );
  };
  return (
    <div ref={box} className={classes.stack} data-testid="view-statistics">
      {frame && about ? (
        <>
          <div className={classes.captioned}>
            <div className={classes.pairs} data-large={large || undefined}>
              {both("mean")}
              {both("var")}
            </div>
            {!brief && (
              <aside className={classes.caption}>
                <p>
                  {about.frozen
                    ? t("statistics.frozen")
                    : t("statistics.caption", { share: format.roughly(about.momentum ?? 0) })}
                </p>
              </aside>
            )}
          </div>
          <ul className={classes.key} data-wrap>
            <li>
              <i className={classes.dot} style={{ background: "var(--validation)" }} />
              {about.samples > 0
                ? t("statistics.batch", { count: about.samples, numbers: format.whole(about.numbers) })
                : t("statistics.noBatch")}
            </li>
            <li>
              <i className={classes.tick} style={{ background: "var(--train)" }} /> {t("statistics.kept")}
            </li>
            {about.channels > of("running_mean").length && (
              <li>{t("maps.first", { shown: of("running_mean").length, total: about.channels })}</li>
            )}
          </ul>
        </>
      ) : (
        <Waiting subject="statistics" />
      )}
    </div>
  );
}
