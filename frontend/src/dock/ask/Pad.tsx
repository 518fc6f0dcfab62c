import { type PointerEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ask.module.css";
import { centred } from "./drawing";

const SIDE = 168;
const PEN = 13;

interface PadProps {
  height: number;
  width: number;
  /** The drawing as the network is given it; null when it is wiped. */
  onDrawn: (plane: Uint8Array | null) => void;
}

/** A board to draw on, light on dark. */
export function Pad({ height, width, onDrawn }: PadProps) {
  const { t } = useTranslation("dock");
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<[number, number] | null>(null);
  const context = () => canvas.current?.getContext("2d", { willReadFrequently: true }) ?? null;
  const place = (event: PointerEvent<HTMLCanvasElement>): [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  const line = (to: [number, number]) => {
    const pen = context();
    if (!pen) return;
    pen.strokeStyle = "#fff";
    pen.lineWidth = PEN;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...(last.current ?? to));
    pen.lineTo(...to);
    pen.stroke();
    last.current = to;
  };
  const done = () => {
    last.current = null;
    const pixels = context()?.getImageData(0, 0, SIDE, SIDE).data;
    if (!pixels) return;
    // Only what was drawn is not transparent.
    const ink = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => pixels[4 * at + 3] as number);
    onDrawn(centred(ink, SIDE, height, width));
  };
  return (
    <div className={classes.pad}>
      <canvas
        ref={canvas}
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label={t("ask.pad")}
        data-testid="ask-pad"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          line(place(event));
        }}
        onPointerMove={(event) => last.current && line(place(event))}
        onPointerUp={done}
        onPointerCancel={done}
      />
      <button
        type="button"
        data-testid="ask-wipe"
        onClick={() => {
          context()?.clearRect(0, 0, SIDE, SIDE);
          onDrawn(null);
        }}
      >
        {t("ask.wipe")}
      </button>
    </div>
  );
}
