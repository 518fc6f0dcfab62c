import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { colourise, picture } from "../../charts/bitmap";
import { DIVERGING, SEQUENTIAL } from "../../charts/colours";
import * as format from "../../charts/format";
import type { Reply } from "../../state/asking";
import { bytesOf, floatsOf } from "../../state/runFrames";
import { Stamp } from "../../views/samples";
import { useTheme } from "../../views/view";
import classes from "./ask.module.css";

export const WHYS = ["saliency", "grad_cam", "relevance", "occlusion"] as const;
export type Why = (typeof WHYS)[number];

/** Numbers as bytes: from 0 to the largest, or, where they go both ways, around 0 in the middle. */
function scaled(values: Float32Array, both: boolean): Uint8Array {
  let most = 1e-30;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return Uint8Array.from(values, (value) =>
    both ? Math.round(127.5 + (127.5 * value) / most) : Math.round((255 * Math.max(0, value)) / most),
  );
}

interface About {
  of: number;
  sum?: number;
  score?: number;
  absorbed?: number;
  layer?: string;
  columns?: string[];
}

/** The sample as it goes in, and over it what an explanation makes of it. */
export function Explained({ reply, why, names }: { reply: Reply; why: Why | ""; names: readonly string[] }) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const about = reply.header.about as unknown as About;
  const image = bytesOf(reply, "image");
  const map = floatsOf(reply, "map");
  const both = why === "relevance" || why === "occlusion";
  const [channels, height, width] = (image?.shape ?? [1, 1, 1]) as [number, number, number];
  const plain = useMemo(() => image && picture(image.data, channels, width, height), [image, channels, width, height]);
  const heat = useMemo(() => {
    if (map?.shape.length !== 2) return null;
    const [high, wide] = map.shape as [number, number];
    return colourise(scaled(map.data, both), wide, high, both ? DIVERGING[theme] : SEQUENTIAL);
  }, [map, both, theme]);
  const name = names[about.of] ?? "";
  const most = map ? Math.max(...Array.from(map.data.slice(0, 64), Math.abs), 1e-30) : 1;
  return (
    <div className={classes.explained} data-testid="explained" data-why={why}>
      {plain && (
        <div className={classes.pictures}>
          <figure>
            <Stamp image={plain} label={t("ask.input")} />
            <figcaption>{t("ask.input")}</figcaption>
          </figure>
          {heat && why && (
            <figure data-smooth={why === "grad_cam" || why === "occlusion" || undefined}>
              <div className={classes.over}>
                <Stamp image={plain} />
                <Stamp image={heat} label={t(`ask.help.${why}`)} />
              </div>
              <figcaption>{name ? t("ask.for", { name }) : t(`ask.${why}`)}</figcaption>
            </figure>
          )}
        </div>
      )}
      {map && map.shape.length === 1 && (
        <table className={classes.parts}>
          <tbody>
            {[...map.data].slice(0, 64).map((value, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
              <tr key={at}>
                <th>{about.columns?.[at] ?? `x${at + 1}`}</th>
                <td>{format.value(value)}</td>
                <td>
                  <i data-negative={value < 0 || undefined} style={{ width: `${(100 * Math.abs(value)) / most}%` }} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {why && <p className={classes.says}>{t(`ask.help.${why}`)}</p>}
      {why === "relevance" && about.sum !== undefined && (
        <p className={classes.says} data-testid="relevance-sum">
          {t("ask.sum", {
            sum: format.value(about.sum),
            score: format.value(about.score ?? 0),
            absorbed: format.value(about.absorbed ?? 0),
          })}
        </p>
      )}
    </div>
  );
}
