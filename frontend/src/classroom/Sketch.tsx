import { familyColour } from "../editor/Tile";
import type { WallCard } from "../wire/types";

const [WIDE, HIGH] = [190, 84];

/** A board in small: where its nodes stand, of which family they are, how they are wired. */
export function Sketch({ card, label }: { card: WallCard; label: string }) {
  const { strokes, wires } = card;
  if (strokes.length === 0) return <svg role="img" aria-label={label} viewBox="0 0 10 10" />;
  const xs = strokes.map(([x]) => x);
  const ys = strokes.map(([, y]) => y);
  const [left, top] = [Math.min(...xs) - 40, Math.min(...ys) - 40];
  const [width, height] = [Math.max(...xs) + WIDE + 40 - left, Math.max(...ys) + HIGH + 40 - top];
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`${left} ${top} ${width} ${height}`}
      preserveAspectRatio="xMidYMid meet"
    >
      {wires.map(([from, to]) => {
        const [a, b] = [strokes[from], strokes[to]];
        if (!a || !b) return null;
        const [x1, y1, x2, y2] = [a[0] + WIDE, a[1] + HIGH / 2, b[0], b[1] + HIGH / 2];
        const bend = Math.max(40, Math.abs(x2 - x1) / 2);
        return (
          <path
            key={`${from} ${to}`}
            d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}
            fill="none"
            stroke="var(--line-strong)"
            strokeWidth={2}
            vectorEffect="non-scaling-stroke"
          />
        );
      })}
      {strokes.map(([x, y, family], place) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: strokes have no other name
          key={place}
          x={x}
          y={y}
          width={WIDE}
          height={HIGH}
          rx={18}
          fill={familyColour(family)}
        />
      ))}
    </svg>
  );
}
