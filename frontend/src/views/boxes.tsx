import { Slider } from "@mantine/core";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { BoxPicture, type TrueBox } from "../charts/BoxPicture";
import { picture } from "../charts/bitmap";
import { detections, suppress } from "../charts/boxes";
import { classColour, css } from "../charts/colours";
import { choose, useChoice } from "../state/runChoice";
import { bytesOf, type Frame, floatsOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { PICTURES, samplesFrom, wishFor } from "../state/runViews";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

/** In the overview, of the pictures that are there. */
const BRIEF = 2;

export interface Scene {
  image: ImageData;
  predicted: ReturnType<typeof detections>;
  truth: TrueBox[];
}

/** The pictures of a frame, each with what was found on it (before any slider) and what is there. */
export function scenes(frame: Frame): Scene[] {
  const [images, predicted, truth] = [bytesOf(frame, "images"), floatsOf(frame, "predicted"), floatsOf(frame, "truth")];
  if (!images || !predicted || !truth) return [];
  const [count, channels, height, width] = images.shape as [number, number, number, number];
  const [most, present] = [predicted.shape[1] as number, truth.shape[1] as number];
  return Array.from({ length: count }, (_, i) => ({
    image: picture(images.data, channels, width, height, i * channels * width * height),
    predicted: detections(predicted.data, most, i * most * 6),
    truth: Array.from({ length: present }, (_, j) => {
      const [x0, y0, x1, y1, label] = truth.data.subarray((i * present + j) * 5, (i * present + j) * 5 + 5);
      return { x0, y0, x1, y1, label } as TrueBox;
    }).filter(({ label }) => label >= 0),
  }));
}

/** Validation pictures with the predicted boxes beside the truth; both sliders act on what is already here. */
export function BoxesView({ node, large, brief = false }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const sample = useChoice((choice) => choice.sample);
  const score = useChoice((choice) => choice.score);
  const overlap = useChoice((choice) => choice.overlap);
  const samples = samplesFrom(sample, PICTURES);
  const frame = useFrame(wishFor("boxes", node, sample), box);
  const found = useMemo(() => (frame ? scenes(frame).slice(0, brief ? BRIEF : PICTURES) : []), [frame, brief]);
  const names = (frame?.header.about as { classes?: string[] } | undefined)?.classes ?? [];

  return (
    <div ref={box} className={classes.stack} data-testid="view-boxes">
      {found.length > 0 ? (
        <>
          <div className={classes.pictures} data-large={large || undefined}>
            {found.map((scene, i) => {
              const predicted = suppress(scene.predicted, score, overlap);
              return (
                <div key={samples[i]} className={classes.picture} data-boxes={predicted.length}>
                  <BoxPicture
                    image={scene.image}
                    predicted={predicted}
                    truth={scene.truth}
                    classes={names}
                    theme={theme}
                    label={t("boxes.picture", {
                      sample: (samples[i] as number) + 1,
                      count: predicted.length,
                      truth: scene.truth.length,
                    })}
                  />
                </div>
              );
            })}
          </div>
          {!brief && (
            <div className={classes.boxControls}>
              <Limit name="score" value={score} />
              <Limit name="overlap" value={overlap} />
              <ul className={classes.key}>
                {names.map((name, index) => (
                  <li key={name}>
                    <span className={classes.swatch} style={{ background: css(classColour("dark", index)) }} />
                    {name}
                  </li>
                ))}
                <li>
                  <span className={classes.dashed} />
                  {t("boxes.truth")}
                </li>
              </ul>
            </div>
          )}
        </>
      ) : (
        <Waiting subject="boxes" />
      )}
    </div>
  );
}

function Limit({ name, value }: { name: "score" | "overlap"; value: number }) {
  const { t } = useTranslation("dock");
  return (
    <div className={classes.limit} title={t(`boxes.${name}Help`)}>
      <span id={`limit-${name}`}>{t(`boxes.${name}`)}</span>
      <Slider
        className={classes.slider}
        size="sm"
        min={0}
        max={1}
        step={0.01}
        value={value}
        label={null}
        onChange={(next) => choose({ [name]: next })}
        thumbProps={{ "aria-labelledby": `limit-${name}` }}
        data-testid={name === "score" ? "slider-score" : "slider-nms"}
      />
      <output className={classes.number}>{value.toFixed(2)}</output>
    </div>
  );
}
