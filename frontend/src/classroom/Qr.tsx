import { useMemo } from "react";
import { encode } from "uqr";

/** An address as a QR code, black on white whatever the theme: cameras read it so. */
export function Qr({ address, size, label }: { address: string; size: number; label: string }) {
  const { data, side } = useMemo(() => {
    const { data, size: side } = encode(address, { ecc: "M", border: 2 });
    return { data, side };
  }, [address]);
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg width={size} height={size} viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label} data-testid="qr">
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
