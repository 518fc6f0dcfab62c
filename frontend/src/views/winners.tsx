import { useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { GREY, packed } from "../charts/colours";
import { ImageGrid } from "../charts/ImageGrid";
import { useChoice } from "../state/runChoice";
import { bytesOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

/** What loses is drawn darker, what wins lit. */
const LIT = Uint32Array.from({ length: 256 }, (_, value) =>
  packed([Math.round(150 + 0.41 * value), Math.round(90 + 0.5 * value), Math.round(20 + 0.3 * value)]),
);
const DARK = 0.55;

/** Which numbers of its input a max pooling lets through, for the chosen sample. */
export function WinnersView({ node, title, large }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const sample = useChoice((choice) => choice.sample);
  const wish = useMemo(() => wishFor("winners", node, sample), [node, sample]);
  const frame = useFrame(wish, box);
  const [maps, won] = [frame && bytesOf(frame, "maps"), frame && bytesOf(frame, "won")];
  const [, count, height, width] = (maps?.shape ?? [1, 0, 1, 1]) as [number, number, number, number];
  const paint = useCallback(
    (channel: number) => {
      const image = new ImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      const from = channel * width * height;
      for (let at = 0; at < pixels.length; at++) {
        const value = maps?.data[from + at] ?? 0;
        pixels[at] = (won?.data[from + at] ? LIT[value] : GREY[Math.round(DARK * value)]) as number;
      }
      return image;
    },
    [maps, won, width, height],
  );
  return (
    <div ref={box} className={classes.stack} data-testid="view-winners">
      {maps && won ? (
        <>
          <div className={classes.fill}>
            <ImageGrid
              count={count}
              aspect={width / height}
              paint={paint}
              theme={theme}
              gap={large ? 8 : 4}
              most={large ? 320 : 150}
              label={t("winners.label", { count, title })}
              describe={(channel) => {
                const from = channel * width * height;
                const lit = won.data.subarray(from, from + width * height).filter((times) => times > 0).length;
                return t("winners.channel", { channel: channel + 1, lit, all: width * height });
              }}
            />
          </div>
          <div className={classes.footer}>
            <span>{t("winners.caption")}</span>
          </div>
        </>
      ) : (
        <Waiting subject="winners" />
      )}
    </div>
  );
}
