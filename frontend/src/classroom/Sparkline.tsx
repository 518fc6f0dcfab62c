/** A loss so far, without axes: whether it falls is what one sees from the back of a room. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return null;
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const span = high - low || 1;
  const points = finite.map(
    (value, place) => `${(place / (finite.length - 1)) * 98 + 1},${25 - ((value - low) / span) * 22}`,
  );
  return (
    <svg viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label={label}>
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke="var(--accent-text)"
        strokeWidth={1.8}
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
