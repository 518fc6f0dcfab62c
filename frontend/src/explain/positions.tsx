import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { DIVERGING } from "../charts/colours";
import { useTheme } from "../views/view";
import { encoding } from "./arithmetic";
import classes from "./explain.module.css";
import { Slider, Sum } from "./parts";
import { short } from "./picture";

const POSITIONS = 32;
const WIDTH = 32;

/** The heat-map of sines and cosines: every row is the mark of a position. */
export function PositionsPicture() {
  const { t } = useTranslation("explain");
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [position, setPosition] = useState(1);
  const [feature, setFeature] = useState(0);
  const value = encoding(position, feature, WIDTH);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const pixels = new ImageData(WIDTH, POSITIONS);
    const words = new Uint32Array(pixels.data.buffer);
    const table = DIVERGING[theme];
    for (let p = 0; p < POSITIONS; p++) {
      for (let f = 0; f < WIDTH; f++) {
        const byte = Math.round(((encoding(p, f, WIDTH) + 1) / 2) * 255);
        words[p * WIDTH + f] = table[byte] as number;
      }
    }
    context.putImageData(pixels, 0, 0);
  }, [theme]);
  return (
    <div className={classes.stack} data-testid="explain-positions">
      <div className={classes.heat}>
        <canvas
          ref={canvas}
          width={WIDTH}
          height={POSITIONS}
          role="img"
          aria-label={t("positions.label")}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            const place = (at: number, from: number, size: number, count: number) =>
              Math.max(0, Math.min(count - 1, Math.floor(((at - from) / size) * count)));
            setFeature(place(event.clientX, box.left, box.width, WIDTH));
            setPosition(place(event.clientY, box.top, box.height, POSITIONS));
          }}
        />
        <i
          aria-hidden
          style={{
            left: `${(feature / WIDTH) * 100}%`,
            top: `${(position / POSITIONS) * 100}%`,
            width: `${100 / WIDTH}%`,
            height: `${100 / POSITIONS}%`,
          }}
        />
      </div>
      <Slider
        name={t("positions.position")}
        value={position}
        low={0}
        high={POSITIONS - 1}
        step={1}
        onChange={setPosition}
      />
      <Slider name={t("positions.feature")} value={feature} low={0} high={WIDTH - 1} step={1} onChange={setFeature} />
      <Sum testId="explain-sum">
        {`${feature % 2 === 0 ? "sin" : "cos"}(${position} / 10000^(${feature - (feature % 2)}/${WIDTH})) = ${short(value)}`}
      </Sum>
      <p className={classes.note}>{t("positions.note")}</p>
    </div>
  );
}
