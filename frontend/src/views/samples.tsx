import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { picture } from "../charts/bitmap";
import { seen } from "../graph/receptive";
import { space } from "../graph/shape";
import { useFacts } from "../state/facts";
import { choose, useChoice } from "../state/runChoice";
import { bytesOf, integersOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import classes from "./views.module.css";

/** A picture at its own size, scaled by the page. */
export function Stamp({ image, label }: { image: ImageData; label?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => canvas.current?.getContext("2d")?.putImageData(image, 0, 0), [image]);
  return (
    <canvas
      ref={canvas}
      width={image.width}
      height={image.height}
      className={classes.stamp}
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    />
  );
}

/** What the clicked unit of a map sees, marked on the sample. */
function Patch({ image }: { image: ImageData }) {
  const unit = useChoice((choice) => choice.unit);
  const facts = useFacts((state) => (unit ? state.nodes[unit.node] : undefined));
  const field = facts?.receptive_field;
  const size = space(Object.values(facts?.outputs ?? {})[0]);
  if (!unit || !field?.start || field.whole || !size) return null;
  const along = (axis: 0 | 1, share: number, length: number) => {
    const units = size[axis];
    const at = Math.min(units - 1, Math.max(0, Math.floor(share * units)));
    const [from, to] = seen(field, axis, at) ?? [0, 0];
    const low = Math.max(from, field.first[axis]);
    const high = Math.min(to, field.last[axis]) + 1;
    return { start: `${(low / length) * 100}%`, size: `${(Math.max(0, high - low) / length) * 100}%` };
  };
  const down = along(0, unit.down, image.height);
  const across = along(1, unit.across, image.width);
  return (
    <i
      aria-hidden
      className={classes.patch}
      data-testid="sample-patch"
      style={{ top: down.start, height: down.size, left: across.start, width: across.size }}
    />
  );
}

/** What the samples of a frame are called and, where they are pictures, how they look. */
interface Sample {
  label: string;
  text: string;
  image: ImageData | null;
}

/** The validation samples that every run of the board keeps for looking at; one of them is looked at. */
export function SampleStrip({ node }: { node: string }) {
  const { t } = useTranslation("dock");
  const box = useRef<HTMLFieldSetElement>(null);
  const frame = useFrame(wishFor("samples", node, 0), box);
  const chosen = useChoice((choice) => choice.sample);
  const samples: Sample[] = [];
  if (frame) {
    const images = bytesOf(frame, "images");
    const tokens = integersOf(frame, "tokens");
    const labels = integersOf(frame, "labels");
    const about = frame.header.about as { classes?: string[]; tokens?: string[] };
    const count = images?.shape[0] ?? tokens?.shape[0] ?? 0;
    for (let i = 0; i < count; i++) {
      const label = labels && labels.shape.length === 1 ? (labels.data[i] as number) : null;
      const className = label === null ? "" : (about.classes?.[label] ?? String(label));
      if (images) {
        const [, channels, height, width] = images.shape as [number, number, number, number];
        samples.push({
          label: className
            ? t("samples.one", { number: i + 1, name: className })
            : t("samples.plain", { number: i + 1 }),
          text: "",
          image: picture(images.data, channels, width, height, i * channels * height * width),
        });
      } else if (tokens) {
        const length = tokens.shape[1] as number;
        const text = [...tokens.data.subarray(i * length, (i + 1) * length)]
          .filter((token) => token > 0)
          .map((token) => about.tokens?.[token] ?? String(token))
          .join("");
        samples.push({ label: t("samples.one", { number: i + 1, name: text }), text, image: null });
      }
    }
  }

  return (
    <fieldset ref={box} className={classes.samples} aria-label={t("samples.choose")}>
      {samples.map((sample, i) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a sample is its number
          key={i}
          type="button"
          className={classes.sample}
          data-kind={sample.image ? "picture" : "text"}
          data-testid={`sample-${i}`}
          aria-pressed={i === chosen}
          aria-label={sample.label}
          title={sample.label}
          onClick={() => choose({ sample: i })}
        >
          {sample.image ? <Stamp image={sample.image} /> : sample.text}
          {sample.image && i === chosen && <Patch image={sample.image} />}
        </button>
      ))}
    </fieldset>
  );
}
