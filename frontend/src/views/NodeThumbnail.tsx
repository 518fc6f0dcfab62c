import { memo, type RefObject, useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { BoxPicture } from "../charts/BoxPicture";
import { colourise, onto, picture } from "../charts/bitmap";
import { suppress } from "../charts/boxes";
import { Canvas } from "../charts/Canvas";
import { DIVERGING, INTENSITY, SEQUENTIAL, type Theme } from "../charts/colours";
import { Fit } from "../charts/Fit";
import { ImageGrid } from "../charts/ImageGrid";
import { Lines } from "../charts/Lines";
import { type Extent, Plane } from "../charts/Plane";
import { signed } from "../charts/signed";
import { useAsked } from "../state/asked";
import { useFacts } from "../state/facts";
import { useChoice } from "../state/runChoice";
import { bytesOf, type Frame, floatsOf, integersOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { pictured, type Thumbnail, thumbnailHeight, thumbnailWish } from "../state/runViews";
import asked from "./asked.module.css";
import { scenes } from "./boxes";
import { ChoicePicture } from "./choice";
import { shares } from "./confusion";
import { fitOf } from "./fit";
import { FlatWords } from "./flat";
import { NumbersPicture } from "./numbers";
import { useTheme } from "./view";
import classes from "./views.module.css";

interface NodeThumbnailProps {
  /** The node's path. */
  node: string;
}

/** The small live picture on a node's card. It takes its room from the start; nothing where there is nothing to see. */
export const NodeThumbnail = memo(function NodeThumbnail({ node }: NodeThumbnailProps) {
  const nodes = useFacts((state) => state.nodes);
  const found = useMemo(() => pictured(nodes, node), [nodes, node]);
  const flat = nodes[node]?.views.includes("flat");
  return (
    <>
      {found && (
        <Live
          key={`${found.path} ${found.thumbnail.kind} ${found.thumbnail.count}`}
          node={found.path}
          {...found.thumbnail}
        />
      )}
      {flat && <FlatWords key={node} node={node} />}
    </>
  );
});

/** Takes the thumbnail's parts one by one, so that an edit that leaves them as they are draws nothing again. */
const Live = memo(function Live({ node, kind, layout, count }: { node: string } & Thumbnail) {
  const thumbnail = useMemo((): Thumbnail => ({ kind, layout, count }), [kind, layout, count]);
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const sample = useChoice((choice) => choice.sample);
  const wish = useMemo(() => thumbnailWish(node, thumbnail, sample), [node, thumbnail, sample]);
  const live = useFrame(wish, box as RefObject<HTMLDivElement>);
  const own = useAsked((state) => state.frames.get(node));
  const frame = own ?? live;
  return (
    <div
      ref={box}
      className={own ? `${classes.thumbnail} ${asked.asked}` : classes.thumbnail}
      data-asked={own ? true : undefined}
      style={{ height: thumbnailHeight(thumbnail) }}
      data-testid={`thumbnail-${node}`}
      data-live={frame ? true : undefined}
    >
      {frame && <Picture frame={frame} thumbnail={thumbnail} theme={theme} label={t(`thumbnail.${thumbnail.kind}`)} />}
    </div>
  );
});

interface PictureProps {
  frame: Frame;
  thumbnail: Thumbnail;
  theme: Theme;
  label: string;
}

function Picture(props: PictureProps) {
  const { kind, layout } = props.thumbnail;
  if (kind === "plane") return <PlanePicture {...props} />;
  if (kind === "fit") return <FitPicture {...props} />;
  if (kind === "boxes") return <BoxesPicture {...props} />;
  if (kind === "numbers") return <NumbersPicture {...props} />;
  if (kind === "choice") return <ChoicePicture {...props} brief />;
  if (kind === "maps" && layout === "signal") return <SignalPicture {...props} />;
  if (kind === "samples" && layout === "points") return <PointsPicture {...props} />;
  if (kind === "samples" && layout === "tokens") return <TokensPicture {...props} />;
  if (kind === "maps" && layout !== "image") return <Stretched {...props} />;
  return <Tiles {...props} />;
}

/** How many pictures a frame holds, their sides, and how one is painted. */
function tilesOf(frame: Frame, { kind, count }: Thumbnail, theme: Theme) {
  const of = (name: string) => bytesOf(frame, name);
  const nothing = { count: 0, aspect: 1, smooth: false, paint: () => new ImageData(1, 1) };
  switch (kind) {
    case "neurons": {
      const units = of("units");
      if (!units) return nothing;
      const side = units.shape[1] as number;
      return {
        count: Math.min(count, units.shape[0] as number),
        aspect: 1,
        smooth: true,
        paint: (i: number) =>
          colourise(
            units.data,
            side,
            side,
            signed(DIVERGING[theme], units.lo[i] as number, units.hi[i] as number),
            i * side * side,
          ),
      };
    }
    case "attention":
    case "gates": {
      const weights = of("weights");
      if (!weights) return nothing;
      const [, heads, down, across] = weights.shape as [number, number, number, number];
      return {
        count: Math.min(count, heads),
        aspect: across / down,
        smooth: false,
        paint: (i: number) => colourise(weights.data, across, down, SEQUENTIAL, i * across * down),
      };
    }
    case "confusion": {
      const counts = integersOf(frame, "counts");
      if (!counts) return nothing;
      const size = counts.shape[0] as number;
      const cells = shares(counts.data, size);
      return { count: 1, aspect: 1, smooth: false, paint: () => colourise(cells, size, size, INTENSITY[theme]) };
    }
    case "samples": {
      const images = of("images");
      if (!images) return nothing;
      const [n, channels, height, width] = images.shape as [number, number, number, number];
      return {
        count: Math.min(count, n),
        aspect: width / height,
        smooth: true,
        paint: (i: number) => picture(images.data, channels, width, height, i * channels * width * height),
      };
    }
    default: {
      const maps = of("maps");
      if (!maps) return nothing;
      const [, channels, height, width] = maps.shape as [number, number, number, number];
      return {
        count: Math.min(count, channels),
        aspect: width / height,
        smooth: false,
        paint: (i: number) => colourise(maps.data, width, height, SEQUENTIAL, i * width * height),
      };
    }
  }
}

function Tiles({ frame, thumbnail, theme, label }: PictureProps) {
  const tiles = useMemo(() => tilesOf(frame, thumbnail, theme), [frame, thumbnail, theme]);
  return <ImageGrid {...tiles} theme={theme} label={label} gap={2} centred />;
}

/** A vector or a table, drawn over the whole width. */
function Stretched({ frame, theme, label }: PictureProps) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      const maps = bytesOf(frame, "maps");
      if (!maps) return;
      const [, , down, across] = maps.shape as [number, number, number, number];
      context.imageSmoothingEnabled = false;
      context.drawImage(
        onto(document.createElement("canvas"), colourise(maps.data, across, down, SEQUENTIAL)),
        0,
        0,
        width,
        height,
      );
    },
    [frame],
  );
  return <Canvas draw={draw} theme={theme} label={label} />;
}

/** The first channels of a signal as lines, one below the other. */
function SignalPicture({ frame, thumbnail, theme, label }: PictureProps) {
  const maps = bytesOf(frame, "maps");
  if (!maps) return null;
  const [, channels, , length] = maps.shape as [number, number, number, number];
  return (
    <Lines
      values={maps}
      count={Math.min(thumbnail.count, channels)}
      length={length}
      theme={theme}
      label={label}
      brief
    />
  );
}

function PlanePicture({ frame, theme, label }: PictureProps) {
  const [probability, points] = [bytesOf(frame, "probability"), floatsOf(frame, "points")];
  const [labels, part] = [integersOf(frame, "labels"), integersOf(frame, "part")];
  if (!probability || !points || !labels || !part) return null;
  return (
    <Plane
      probability={probability.data}
      classes={probability.shape[0] as number}
      side={probability.shape[1] as number}
      extent={frame.header.about.extent as unknown as Extent}
      points={points.data}
      labels={labels.data}
      part={part.data}
      theme={theme}
      label={label}
      axes={false}
    />
  );
}

function FitPicture({ frame, theme, label }: PictureProps) {
  const data = useMemo(() => fitOf(frame), [frame]);
  return data && <Fit data={data} theme={theme} label={label} brief />;
}

/** A square around all points, a little larger. */
function around(points: Float32Array): Extent {
  let most = 0;
  for (const value of points) most = Math.max(most, Math.abs(value));
  const side = 1.1 * (most || 1);
  return [-side, side, -side, side];
}

function PointsPicture({ frame, theme, label }: PictureProps) {
  const [points, labels] = [floatsOf(frame, "points"), integersOf(frame, "labels")];
  const extent = useMemo(() => around(points?.data ?? new Float32Array()), [points]);
  const part = useMemo(() => new Int32Array(labels?.data.length ?? 0), [labels]);
  if (!points || !labels) return null;
  return (
    <Plane
      probability={null}
      classes={0}
      side={0}
      extent={extent}
      points={points.data}
      labels={labels.data}
      part={part}
      theme={theme}
      label={label}
      axes={false}
    />
  );
}

function TokensPicture({ frame, label }: PictureProps) {
  const tokens = integersOf(frame, "tokens");
  const sample = useChoice((choice) => choice.sample);
  if (!tokens) return null;
  const [count, length] = tokens.shape as [number, number];
  const row = Math.min(sample, count - 1) * length;
  const names = (frame.header.about as { tokens?: string[] }).tokens ?? [];
  return (
    <p className={classes.tokens} role="img" aria-label={label}>
      {[...tokens.data.subarray(row, row + length)].map((token) => names[token] ?? token).join(" ")}
    </p>
  );
}

function BoxesPicture({ frame, thumbnail, theme, label }: PictureProps) {
  const score = useChoice((choice) => choice.score);
  const overlap = useChoice((choice) => choice.overlap);
  const found = useMemo(() => scenes(frame).slice(0, thumbnail.count), [frame, thumbnail]);
  return (
    <div className={classes.thumbnailRow}>
      {found.map((scene, i) => (
        <BoxPicture
          key={frame.header.samples[i]}
          image={scene.image}
          predicted={suppress(scene.predicted, score, overlap)}
          truth={scene.truth}
          classes={[]}
          theme={theme}
          label={label}
          named={false}
        />
      ))}
    </div>
  );
}
