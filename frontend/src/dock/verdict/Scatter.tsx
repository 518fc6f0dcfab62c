import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Canvas } from "../../charts/Canvas";
import * as format from "../../charts/format";
import type { Ink } from "../../charts/ink";
import { Residuals } from "../../charts/Residuals";
import type { Reply } from "../../state/asking";
import { floatsOf } from "../../state/runFrames";
import { useTheme } from "../../views/view";
import classes from "./verdict.module.css";
import { aboutOf } from "./wanted";

const [LEFT, FOOT, EDGE] = [44, 30, 8];

/** Every sample's answer over its target, and how often which error is made. */
export function Scatter({ reply }: { reply: Reply }) {
  const { t } = useTranslation("verdict");
  const theme = useTheme();
  const truth = floatsOf(reply, "truth")?.data;
  const answer = floatsOf(reply, "answer")?.data;
  const words = [t("plot.target"), t("plot.answer")] as const;
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      if (!truth || !answer || truth.length === 0) return;
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const each of [truth, answer])
        for (const number of each) [least, most] = [Math.min(least, number), Math.max(most, number)];
      const span = most - least || 1;
      const x = (number: number) => LEFT + ((number - least) / span) * (width - LEFT - EDGE);
      const y = (number: number) => height - FOOT - ((number - least) / span) * (height - FOOT - EDGE);
      context.strokeStyle = ink.strong;
      context.strokeRect(LEFT - 0.5, EDGE - 0.5, width - LEFT - EDGE + 1, height - FOOT - EDGE + 1);
      context.setLineDash([4, 4]);
      context.beginPath();
      context.moveTo(x(least), y(least));
      context.lineTo(x(most), y(most));
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = ink.validation;
      context.globalAlpha = truth.length > 400 ? 0.45 : 0.8;
      for (let at = 0; at < truth.length; at++) {
        context.beginPath();
        context.arc(x(truth[at] as number), y(answer[at] as number), 2.5, 0, 2 * Math.PI);
        context.fill();
      }
      context.globalAlpha = 1;
      context.fillStyle = ink.dim;
      context.font = `10px ${ink.mono}`;
      context.textBaseline = "top";
      context.textAlign = "left";
      context.fillText(format.value(least), LEFT, height - FOOT + 4);
      context.textAlign = "right";
      context.fillText(format.value(most), width - EDGE, height - FOOT + 4);
      context.fillText(format.value(most), LEFT - 4, EDGE);
      context.fillText(format.value(least), LEFT - 4, height - FOOT - 10);
      context.font = `11px ${ink.sans}`;
      context.textAlign = "center";
      context.fillText(words[0], (LEFT + width - EDGE) / 2, height - FOOT + 14);
      context.save();
      context.translate(2, (height - FOOT + EDGE) / 2);
      context.rotate(-Math.PI / 2);
      context.fillText(words[1], 0, 0);
      context.restore();
    },
    [truth, answer, words[0], words[1]],
  );
  if (!truth || !answer) return null;
  const left = answer.map((each, at) => each - (truth[at] as number));
  const about = aboutOf(reply);
  const name = (about.outputs ?? 1) > 1 ? ` · ${about.columns?.[about.drawn ?? 0] ?? ""}` : "";
  return (
    <div data-testid="residuals">
      <h3>
        {t("plot.title")}
        {name}
      </h3>
      <div className={classes.scatter}>
        <Canvas draw={draw} theme={theme} label={t("plot.label")} />
      </div>
      <div className={classes.spread}>
        <Residuals left={left} part={new Int32Array(left.length).fill(1)} theme={theme} label={t("cases.off")} />
      </div>
    </div>
  );
}
