import { useIcon } from "./icons";
import classes from "./tile.module.css";

/** The colour of a layer's family; unknown families are grey. */
const FAMILIES = new Set([
  "data",
  "dense",
  "convolution",
  "pooling",
  "normalisation",
  "activation",
  "attention",
  "recurrent",
  "combine",
  "arithmetic",
  "shape",
  "head",
  "loss",
  "block",
]);

export const familyColour = (family: string): string => `var(--${FAMILIES.has(family) ? family : "block"})`;

/** A layer's icon on its family's colour. */
export function Tile({ icon, family, size = 26 }: { icon: string; family: string; size?: number }) {
  const Icon = useIcon(icon);
  return (
    <span
      className={classes.tile}
      style={{ width: size, height: size, ["--tone" as string]: familyColour(family) }}
      aria-hidden
    >
      <Icon size={Math.round(size * 0.6)} strokeWidth={2} />
    </span>
  );
}
