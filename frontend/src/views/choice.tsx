import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Bars } from "../charts/Bars";
import { CLASS_COLOURS, css, SEQUENTIAL, type Theme } from "../charts/colours";
import * as format from "../charts/format";
import { ImageGrid } from "../charts/ImageGrid";
import { Matrix } from "../charts/Matrix";
import { useChoice } from "../state/runChoice";
import { bytesOf, type Frame, integersOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

interface About {
  layout: "vector" | "sequence" | "image";
  classes: string[];
  total: number;
}

interface PartProps {
  frame: Frame;
  theme: Theme;
  label: string;
  /** On a card. */
  brief?: boolean;
}

/** Which class wins for the chosen sample: lit among the others, at every step, or at every pixel. */
export function ChoiceView({ node, title }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const sample = useChoice((choice) => choice.sample);
  const wish = useMemo(() => wishFor("choice", node, sample), [node, sample]);
  const frame = useFrame(wish, box);
  return (
    <div ref={box} className={classes.stack} data-testid="view-choice">
      {frame ? (
        <ChoicePicture frame={frame} theme={theme} label={t("choice.label", { title })} />
      ) : (
        <Waiting subject="choice" />
      )}
    </div>
  );
}

/** The picture alone, large or on a card. */
export function ChoicePicture(props: PartProps) {
  const { layout } = props.frame.header.about as unknown as About;
  if (layout === "image") return <Pixels {...props} />;
  if (layout === "sequence") return <Steps {...props} />;
  return <OneOf {...props} />;
}

/** What a class is called; those beyond the ones that are drawn have their number. */
const nameOf = (about: About, index: number): string => about.classes[index] ?? String(index);

function OneOf({ frame, theme, label, brief }: PartProps) {
  const { t } = useTranslation("dock");
  const about = frame.header.about as unknown as About;
  const shares = bytesOf(frame, "shares");
  const winner = integersOf(frame, "winner")?.data[0] ?? -1;
  const values = useMemo(() => {
    if (!shares) return [];
    const [low, high] = [shares.lo[0] ?? 0, shares.hi[0] ?? 1];
    return [...shares.data].map((byte) => low + (byte / 255) * (high - low));
  }, [shares]);
  const share = values[winner];
  // A decision says which, not how surely.
  const text = share === undefined || share === 1 ? "" : format.roughly(share);
  return (
    <div className={brief ? classes.choiceBrief : classes.choice}>
      <p className={classes.winner} data-testid={brief ? undefined : "winner"}>
        <b>{nameOf(about, winner)}</b> {text}
      </p>
      <div className={classes.fill}>
        <Bars
          shares={values}
          names={about.classes}
          winner={winner}
          theme={theme}
          label={label}
          brief={brief}
          describe={
            brief
              ? undefined
              : (index) => t("choice.share", { name: nameOf(about, index), share: format.percent(values[index] ?? 0) })
          }
        />
      </div>
    </div>
  );
}

function Steps({ frame, theme, label, brief }: PartProps) {
  const { t } = useTranslation("dock");
  const about = frame.header.about as unknown as About;
  const winner = integersOf(frame, "winner");
  const shares = bytesOf(frame, "shares");
  const [, length, count] = (shares?.shape ?? [1, 0, 0]) as [number, number, number];
  const rows = useMemo(() => Array.from({ length }, (_, step) => String(step + 1)), [length]);
  if (!winner || !shares) return null;
  if (brief) {
    return (
      <p className={classes.tokens} role="img" aria-label={label}>
        {[...winner.data].map((index) => nameOf(about, index)).join(" ")}
      </p>
    );
  }
  const value = (row: number, column: number) => (shares.data[row * count + column] as number) / 255;
  return (
    <Matrix
      rows={rows}
      columns={about.classes}
      values={shares.data}
      table={SEQUENTIAL}
      theme={theme}
      label={label}
      rowTitle={t("maps.position")}
      columnTitle={t("choice.class")}
      write={(row, column) => (winner.data[row] === column ? "●" : "")}
      describe={(row, column) =>
        t("choice.step", { position: row + 1, name: nameOf(about, column), share: format.percent(value(row, column)) })
      }
    />
  );
}

/** A colour a class, and which classes are to be seen. */
function Pixels({ frame, theme, label, brief }: PartProps) {
  const about = frame.header.about as unknown as About;
  const winner = integersOf(frame, "winner");
  const present = useMemo(() => [...new Set(winner?.data ?? [])].sort((a, b) => a - b), [winner]);
  if (!winner) return null;
  const [, height, width] = winner.shape as [number, number, number];
  const colours = CLASS_COLOURS[theme];
  const colour = (index: number) => colours[index % colours.length] as readonly [number, number, number];
  const paint = () => {
    const image = new ImageData(width, height);
    winner.data.forEach((index, at) => {
      image.data.set([...colour(index), 255], 4 * at);
    });
    return image;
  };
  return (
    <div className={classes.choice}>
      <div className={classes.fill}>
        <ImageGrid count={1} aspect={width / height} paint={paint} theme={theme} label={label} centred={brief} />
      </div>
      {!brief && (
        <ul className={classes.key}>
          {present.slice(0, 24).map((index) => (
            <li key={index}>
              <i className={classes.swatch} style={{ background: css(colour(index)) }} /> {nameOf(about, index)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
