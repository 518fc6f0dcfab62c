import { useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { colourise } from "../charts/bitmap";
import { SEQUENTIAL, type Theme } from "../charts/colours";
import * as format from "../charts/format";
import { ImageGrid } from "../charts/ImageGrid";
import { Lines } from "../charts/Lines";
import { Matrix } from "../charts/Matrix";
import { choose, useChoice } from "../state/runChoice";
import { bytesOf, type FrameArray } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { ColourBar } from "./ColourBar";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

type Maps = FrameArray<Uint8Array>;

interface About {
  layout?: "image" | "signal" | "vector" | "sequence";
  channels?: number;
  tokens?: string[][];
}

/** The number that a byte of map `channel` stands for. */
const number = (maps: Maps, channel: number, byte: number): number => {
  const low = maps.lo[channel] ?? maps.lo[0] ?? 0;
  const high = maps.hi[channel] ?? maps.hi[0] ?? 1;
  return low + (byte / 255) * (high - low);
};

/** What a layer puts out for the chosen sample: a map or a line a channel, a field of cells for a vector, a table for a sequence. */
export function MapsView({ node, title, facts, large }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const sample = useChoice((choice) => choice.sample);
  const frame = useFrame(wishFor("maps", node, sample), box);
  const maps = frame && bytesOf(frame, "maps");
  const about = (frame?.header.about ?? {}) as About;
  const shown = maps?.shape[1] ?? 0;

  return (
    <div ref={box} className={classes.stack} data-testid="view-maps">
      {maps ? (
        <>
          <div className={classes.fill}>
            {about.layout === "vector" ? (
              <Vector maps={maps} title={title} theme={theme} />
            ) : about.layout === "sequence" ? (
              <Sequence maps={maps} tokens={about.tokens?.[0]} title={title} theme={theme} />
            ) : about.layout === "signal" ? (
              <Signal maps={maps} title={title} theme={theme} />
            ) : (
              <Channels
                maps={maps}
                title={title}
                theme={theme}
                large={large}
                onUnit={
                  facts.receptive_field && !facts.receptive_field.whole
                    ? (down, across) => choose({ unit: { node, down, across } })
                    : undefined
                }
              />
            )}
          </div>
          <div className={classes.footer}>
            {about.layout === "signal" ? (
              <span>{t("maps.lines")}</span>
            ) : (
              <ColourBar table={SEQUENTIAL} low={t("scale.least")} high={t("scale.most")} />
            )}
            {(about.layout === "image" || about.layout === "signal") &&
              about.channels !== undefined &&
              about.channels > shown && <span>{t("maps.first", { shown, total: about.channels })}</span>}
          </div>
        </>
      ) : (
        <Waiting subject="maps" />
      )}
    </div>
  );
}

interface PartProps {
  maps: Maps;
  title: string;
  theme: Theme;
}

interface ChannelsProps extends PartProps {
  large: boolean;
  /** A unit was clicked, at these shares of the map's height and width. */
  onUnit: ((down: number, across: number) => void) | undefined;
}

function Channels({ maps, title, theme, large, onUnit }: ChannelsProps) {
  const { t } = useTranslation("dock");
  const [, count, height, width] = maps.shape as [number, number, number, number];
  const paint = useCallback(
    (channel: number) => colourise(maps.data, width, height, SEQUENTIAL, channel * width * height),
    [maps, width, height],
  );
  return (
    <ImageGrid
      count={count}
      aspect={width / height}
      paint={paint}
      theme={theme}
      gap={large ? 8 : 4}
      most={large ? 320 : 150}
      label={t("maps.label", { count, title })}
      onPick={onUnit && ((_, down, across) => onUnit(down, across))}
      describe={(channel) =>
        t("maps.channel", {
          channel: channel + 1,
          low: format.value(number(maps, channel, 0)),
          high: format.value(number(maps, channel, 255)),
        })
      }
    />
  );
}

/** Cells in rows of a round number, so that a unit keeps its place from picture to picture. */
function Vector({ maps, title, theme }: PartProps) {
  const { t } = useTranslation("dock");
  const size = maps.shape[3] as number;
  const columns = size <= 12 ? size : size <= 64 ? 16 : 32;
  const rows = Math.ceil(size / columns);
  const values = useMemo(() => {
    const cells = new Uint8Array(rows * columns);
    cells.set(maps.data.subarray(0, size));
    return cells;
  }, [maps, size, rows, columns]);
  const labels = useMemo(
    () => ({
      rows: Array.from({ length: rows }, (_, row) => String(row * columns + 1)),
      columns: Array.from({ length: columns }, (_, column) => String(column + 1)),
    }),
    [rows, columns],
  );
  return (
    <Matrix
      {...labels}
      values={values}
      table={SEQUENTIAL}
      theme={theme}
      labelled={size > 12}
      label={t("maps.label", { count: size, title })}
      describe={(row, column) => {
        const unit = row * columns + column;
        return unit < size
          ? t("maps.unit", { unit: unit + 1, value: format.value(number(maps, 0, values[unit] as number)) })
          : t("maps.none");
      }}
    />
  );
}

/** A line a channel, each with its own scale: along the signal from left to right. */
function Signal({ maps, title, theme }: PartProps) {
  const { t } = useTranslation("dock");
  const [, count, , length] = maps.shape as [number, number, number, number];
  return (
    <Lines
      values={maps}
      count={count}
      length={length}
      theme={theme}
      label={t("maps.label", { count, title })}
      describe={(channel, place) =>
        t("maps.at", {
          channel: channel + 1,
          place: place + 1,
          value: format.value(number(maps, channel, maps.data[channel * length + place] as number)),
        })
      }
    />
  );
}

function Sequence({ maps, tokens, title, theme }: PartProps & { tokens: string[] | undefined }) {
  const { t } = useTranslation("dock");
  const [, , length, width] = maps.shape as [number, number, number, number];
  const values = useMemo(() => maps.data.subarray(0, length * width), [maps, length, width]);
  const labels = useMemo(
    () => ({
      rows: Array.from({ length }, (_, row) => tokens?.[row] ?? String(row + 1)),
      columns: Array.from({ length: width }, (_, column) => String(column + 1)),
    }),
    [length, width, tokens],
  );
  return (
    <Matrix
      {...labels}
      values={values}
      table={SEQUENTIAL}
      theme={theme}
      label={t("maps.label", { count: width, title })}
      rowTitle={t("maps.position")}
      columnTitle={t("maps.feature")}
      describe={(row, column) =>
        t("maps.cell", {
          position: labels.rows[row],
          feature: column + 1,
          value: format.value(number(maps, 0, values[row * width + column] as number)),
        })
      }
    />
  );
}
