import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Fit, type FitData } from "../charts/Fit";
import * as format from "../charts/format";
import type { Extent } from "../charts/Plane";
import { Residuals } from "../charts/Residuals";
import { bytesOf, type Frame, floatsOf, integersOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

type Told = Partial<Record<"train" | "validation", { mse: number; r2?: number }>>;

interface About {
  network: Told;
  squares?: Told;
  coefficients?: number[];
  solutions?: "one" | "none" | "many";
  extent?: Extent;
  width: number;
}

/** A frame's arrays as they are drawn; null before the first. */
export function fitOf(frame: Frame | null | undefined): FitData | null {
  const of = (name: string) => frame && floatsOf(frame, name)?.data;
  const [wanted, predicted, x] = [of("wanted"), of("predicted"), of("x")];
  const part = frame && integersOf(frame, "part")?.data;
  if (!frame || !wanted || !predicted || !part) return null;
  const [along, network, solved] = [of("along"), of("line"), of("solved")];
  const heights = bytesOf(frame, "surface");
  const { extent } = frame.header.about as unknown as About;
  return {
    wanted,
    predicted,
    part,
    line: x && along && network && solved ? { x, along, network, solved } : null,
    surface: x && heights && extent ? { x, heights: heights.data, side: heights.shape[0] as number, extent } : null,
  };
}

/** Coefficients that are written out. */
const MOST = 6;

/** What a regression has found and what is left over, beside least squares of the same numbers. */
export function FitView({ node, large, brief }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const frame = useFrame(wishFor("fit", node, 0), box);
  const data = useMemo(() => fitOf(frame), [frame]);
  const left = useMemo(() => data?.predicted.map((value, i) => value - (data.wanted[i] as number)), [data]);
  const about = frame?.header.about as unknown as About | undefined;
  const kind = data?.surface ? "surface" : data?.line ? "line" : "pairs";
  return (
    <div ref={box} className={classes.fit} data-brief={brief || undefined} data-testid="view-fit">
      {data && left && about ? (
        <>
          <div className={classes.fitPlot}>
            <div className={classes.fill}>
              <Fit data={data} theme={theme} label={t(`fit.${kind}`)} />
            </div>
            <ul className={classes.key} data-brief={(brief && !large) || undefined}>
              <li>
                <span className={classes.dot} style={{ background: "var(--train)" }} />
                {t("fit.training")}
              </li>
              <li>
                <span className={classes.ring} style={{ borderColor: "var(--validation)" }} />
                {t("fit.validation")}
              </li>
              {data.line && (
                <>
                  <li>
                    <span className={classes.stroke} />
                    {t("fit.network")}
                  </li>
                  <li>
                    <span className={classes.stroke} data-dashed />
                    {t("fit.squares")}
                  </li>
                </>
              )}
              {!brief && <li>{t(`fit.${kind}Axes`)}</li>}
            </ul>
          </div>
          {!brief && (
            <div className={classes.fitSide}>
              <div className={classes.fitLeft}>
                <h4>{t("fit.left")}</h4>
                <div className={classes.fill}>
                  <Residuals left={left} part={data.part} theme={theme} label={t("fit.leftLabel")} />
                </div>
              </div>
              <Figures about={about} />
            </div>
          )}
        </>
      ) : (
        <Waiting subject="fit" />
      )}
    </div>
  );
}

function Figures({ about: { network, squares, coefficients, solutions, width } }: { about: About }) {
  const { t } = useTranslation("dock");
  const parts = (["train", "validation"] as const).filter((part) => network[part]);
  const cell = (value: number | undefined) => (value === undefined ? "–" : format.value(value));
  return (
    <div className={classes.fitFigures}>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{t("fit.network")}</th>
            {squares && <th scope="col">{t("fit.squares")}</th>}
          </tr>
        </thead>
        <tbody>
          {parts.flatMap((part) =>
            (["mse", "r2"] as const).map((figure) => (
              <tr key={`${part} ${figure}`}>
                <th scope="row" title={t(`fit.${figure}Help`)}>
                  {t(`fit.${figure}`, { part: t(`fit.of.${part}`) })}
                </th>
                <td>{cell(network[part]?.[figure])}</td>
                {squares && <td data-testid={`squares-${part}-${figure}`}>{cell(squares[part]?.[figure])}</td>}
              </tr>
            )),
          )}
        </tbody>
      </table>
      {coefficients && width === 1 && (
        <p className="mono" data-testid="coefficients">
          {coefficients.slice(0, MOST).map((value, i) => (
            <span key={i === 0 ? "b" : `w${i}`}>
              {i === 0 ? "b" : `w${subscript(i)}`} = {format.value(value)}
            </span>
          ))}
          {coefficients.length > MOST && <span>…</span>}
        </p>
      )}
      {solutions && <p>{t(`fit.solutions.${solutions}`)}</p>}
    </div>
  );
}

const subscript = (number: number) => [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("");
