import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Extent, Plane } from "../../charts/Plane";
import { bytesOf, type Frame, floatsOf, integersOf } from "../../state/runFrames";
import { useTheme } from "../../views/view";
import classes from "./ask.module.css";
import { isNumber } from "./given";

/** Most numbers of a row that are typed in. */
const MOST = 64;

interface RowProps {
  typed: readonly string[];
  columns: readonly string[] | undefined;
  /** The decision plane of a board of points. */
  plane: Frame | null;
  onTyped: (typed: string[]) => void;
}

/** A row of numbers, typed in; of two, a place that is clicked in the plane too. */
export function Row({ typed, columns, plane, onTyped }: RowProps) {
  return (
    <div className={plane ? classes.placed : undefined}>
      {plane && <Place frame={plane} typed={typed} onTyped={onTyped} />}
      <div className={classes.row}>
        {typed.slice(0, MOST).map((text, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
          <label key={at}>
            <span>{columns?.[at] ?? `x${at + 1}`}</span>
            <input
              value={text}
              inputMode="decimal"
              aria-invalid={!isNumber(text)}
              data-testid={`ask-number-${at}`}
              onChange={(event) => {
                const now = event.currentTarget.value;
                onTyped(typed.map((each, place) => (place === at ? now : each)));
              }}
            />
          </label>
        ))}
      </div>
    </div>
  );
}

interface About {
  extent: Extent;
  /** A place in the data's own units is shift + unit · place. */
  shift: [number, number];
  unit: [number, number];
}

function Place({ frame, typed, onTyped }: { frame: Frame; typed: readonly string[]; onTyped: RowProps["onTyped"] }) {
  const { t } = useTranslation("ask");
  const theme = useTheme();
  const { extent, shift, unit } = frame.header.about as unknown as About;
  const picture = useMemo(() => {
    const [probability, points] = [bytesOf(frame, "probability"), floatsOf(frame, "points")];
    const [labels, part] = [integersOf(frame, "labels"), integersOf(frame, "part")];
    if (!probability || !points || !labels || !part) return null;
    return {
      probability: probability.data,
      classes: probability.shape[0] as number,
      side: probability.shape[1] as number,
      points: points.data,
      labels: labels.data,
      part: part.data,
    };
  }, [frame]);
  if (!picture) return null;
  const [x0, x1, y0, y1] = extent;
  const at = typed.map((text, axis) => (Number(text) - (shift[axis] ?? 0)) / (unit[axis] || 1));
  const across = ((at[0] ?? 0) - x0) / (x1 - x0);
  const down = (y1 - (at[1] ?? 0)) / (y1 - y0);
  const seen = typed.every(isNumber) && across >= 0 && across <= 1 && down >= 0 && down <= 1;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: with the keyboard the numbers below say the same
    <div
      className={classes.place}
      data-testid="ask-plane"
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const shares = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height] as const;
        const place = [x0 + shares[0] * (x1 - x0), y1 - shares[1] * (y1 - y0)] as const;
        onTyped(
          place.map((value, axis) => String(Number(((shift[axis] ?? 0) + (unit[axis] ?? 1) * value).toPrecision(4)))),
        );
      }}
    >
      <Plane {...picture} extent={extent} theme={theme} label={t("plane")} axes={false} />
      {seen && <i aria-hidden data-testid="ask-place" style={{ left: `${100 * across}%`, top: `${100 * down}%` }} />}
    </div>
  );
}
