import { useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";
import { DIVERGING, type Theme } from "../charts/colours";
import * as format from "../charts/format";
import { ImageGrid } from "../charts/ImageGrid";
import { bytesOf, type FrameArray } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { ColourBar } from "./ColourBar";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

/** Pixels of a weight, and between two kernels, in a strip. */
const [WEIGHT, BETWEEN] = [6, 3];

const lengthOf = (inputs: number, width: number): number => inputs * (WEIGHT * width + BETWEEN) - BETWEEN;

/** The kernels of one filter side by side, a little apart: [in, kh, kw] at `filter`. */
export function strip(filters: FrameArray<Uint8Array>, filter: number, theme: Theme): ImageData {
  const [, inputs, height, width] = filters.shape as [number, number, number, number];
  const across = lengthOf(inputs, width);
  const image = new ImageData(across, height * WEIGHT);
  const pixels = new Uint32Array(image.data.buffer);
  const table = DIVERGING[theme];
  const start = filter * inputs * height * width;
  for (let input = 0; input < inputs; input++) {
    const left = input * (WEIGHT * width + BETWEEN);
    for (let y = 0; y < height * WEIGHT; y++) {
      const row = start + (input * height + Math.floor(y / WEIGHT)) * width;
      for (let x = 0; x < width * WEIGHT; x++) {
        const byte = filters.data[row + Math.floor(x / WEIGHT)] as number;
        pixels[y * across + left + x] = table[byte] as number;
      }
    }
  }
  return image;
}

/** The kernels that a convolution has learned: a strip a filter, a square in it for every input channel. */
export function FiltersView({ node, title, large }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const frame = useFrame(wishFor("filters", node, 0), box);
  const filters = frame && bytesOf(frame, "filters");
  const paint = useCallback(
    (filter: number) => (filters ? strip(filters, filter, theme) : new ImageData(1, 1)),
    [filters, theme],
  );
  const [count, inputs, height, width] = (filters?.shape ?? [0, 1, 1, 1]) as [number, number, number, number];
  const { out, in: channels } = (frame?.header.about ?? {}) as { out?: number; in?: number };
  const most = filters?.hi[0] ?? 1;

  return (
    <div ref={box} className={classes.stack} data-testid="view-filters">
      {filters ? (
        <>
          <div className={classes.fill}>
            <ImageGrid
              count={count}
              aspect={lengthOf(inputs, width) / (height * WEIGHT)}
              paint={paint}
              theme={theme}
              gap={large ? 12 : 6}
              most={inputs > 1 ? Number.POSITIVE_INFINITY : large ? 200 : 110}
              label={t("filters.label", { count, title })}
              describe={(filter) => t("filters.filter", { filter: filter + 1, count: inputs })}
            />
          </div>
          <div className={classes.footer}>
            <ColourBar table={DIVERGING[theme]} low={format.value(-most)} middle="0" high={format.value(most)} />
            {((out ?? 0) > count || (channels ?? 0) > inputs) && (
              <span>{t("filters.first", { count, inputs, out, channels })}</span>
            )}
          </div>
        </>
      ) : (
        <Waiting subject="filters" />
      )}
    </div>
  );
}
