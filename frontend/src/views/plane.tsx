import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { classColour, css } from "../charts/colours";
import { type Extent, Plane } from "../charts/Plane";
import { bytesOf, floatsOf, integersOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

/** The decision plane of a loss: which class the network would say where, and the points that it learns from. */
export function PlaneView({ node, large, brief }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const frame = useFrame(wishFor("plane", node, 0), box);
  const picture = useMemo(() => {
    const probability = frame && bytesOf(frame, "probability");
    const points = frame && floatsOf(frame, "points");
    const labels = frame && integersOf(frame, "labels");
    const part = frame && integersOf(frame, "part");
    if (!probability || !points || !labels || !part) return null;
    const { extent, classes: names } = frame.header.about as { extent: Extent; classes?: string[] };
    return {
      probability: probability.data,
      classes: probability.shape[0] as number,
      side: probability.shape[1] as number,
      extent,
      points: points.data,
      labels: labels.data,
      part: part.data,
      names: names ?? [],
    };
  }, [frame]);

  return (
    <div ref={box} className={classes.plane} data-testid="view-plane">
      {picture ? (
        <>
          <div className={classes.fill}>
            <Plane {...picture} centred={large} theme={theme} label={t("plane.label")} />
          </div>
          <ul className={classes.key} data-brief={(brief && !large) || undefined} data-centred={large || undefined}>
            {picture.names.slice(0, picture.classes).map((name, index) => (
              <li key={name}>
                <span className={classes.dot} style={{ background: css(classColour(theme, index)) }} />
                {name}
              </li>
            ))}
            <li>
              <span className={classes.dot} style={{ background: "var(--text-dim)" }} />
              {brief && !large ? t("plane.trainingShort") : t("plane.training")}
            </li>
            <li>
              <span className={classes.ring} />
              {brief && !large ? t("plane.validationShort") : t("plane.validation")}
            </li>
          </ul>
        </>
      ) : (
        <Waiting subject="plane" />
      )}
    </div>
  );
}
