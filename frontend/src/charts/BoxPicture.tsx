import { useCallback, useState } from "react";
import { onto } from "./bitmap";
import type { Corners, Detection } from "./boxes";
import { Canvas } from "./Canvas";
import { classColour, css, inkOn, type Theme } from "./colours";
import type { Ink } from "./ink";

export interface TrueBox extends Corners {
  label: number;
}

interface BoxPictureProps {
  image: ImageData;
  predicted: readonly Detection[];
  truth: readonly TrueBox[];
  classes: readonly string[];
  theme: Theme;
  label: string;
  testId?: string;
  /** Class and score on the boxes; left out where there is no room for words. */
  named?: boolean;
}

/** A picture with what was found on it: predictions solid with class and score, the truth dashed in white. */
export function BoxPicture(props: BoxPictureProps) {
  const { image, predicted, truth, classes, theme, label, testId, named = true } = props;
  const [scratch] = useState(() => document.createElement("canvas"));

  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      const scale = Math.min(width / image.width, height / image.height);
      const [w, h] = [image.width * scale, image.height * scale];
      const [left, top] = [(width - w) / 2, (height - h) / 2];
      context.imageSmoothingEnabled = true;
      context.drawImage(onto(scratch, image), left, top, w, h);
      context.save();
      context.beginPath();
      context.rect(left, top, w, h);
      context.clip();
      const frame = (box: Corners) =>
        [left + box.x0 * w, top + box.y0 * h, (box.x1 - box.x0) * w, (box.y1 - box.y0) * h] as const;
      context.lineWidth = 1.25;
      for (const box of truth) {
        context.setLineDash([]);
        context.strokeStyle = "rgba(0, 0, 0, 0.65)";
        context.strokeRect(...frame(box));
        context.setLineDash([4, 3]);
        context.strokeStyle = "#ffffff";
        context.strokeRect(...frame(box));
      }
      context.setLineDash([]);
      context.lineWidth = w > 140 ? 2 : 1.5;
      for (const box of [...predicted].reverse()) {
        context.strokeStyle = css(classColour("dark", box.label));
        context.strokeRect(...frame(box));
      }
      if (named && w > 110) {
        context.font = `600 ${w > 200 ? 11 : 10}px ${ink.sans}`;
        context.textBaseline = "middle";
        context.textAlign = "left";
        for (const box of [...predicted].reverse()) {
          const colour = classColour("dark", box.label);
          const [x, y, boxWidth] = frame(box);
          const name = classes[box.label] ?? String(box.label);
          const score = `${Math.round(100 * box.score)}`;
          const whole = `${name} ${score}`;
          const words = context.measureText(whole).width <= Math.max(boxWidth, 40) + 14 ? whole : score;
          const size = context.measureText(words).width + 6;
          const above = y - 14 >= top ? y - 14 : y;
          const from = Math.min(Math.max(left, x - 1), left + w - size);
          context.fillStyle = css(colour);
          context.fillRect(from, above, size, 14);
          context.fillStyle = inkOn(colour);
          context.fillText(words, from + 3, above + 7.5);
        }
      }
      context.restore();
    },
    [image, predicted, truth, classes, named, scratch],
  );

  return <Canvas draw={draw} theme={theme} label={label} testId={testId} />;
}
