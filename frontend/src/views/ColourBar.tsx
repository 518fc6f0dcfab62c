import { type ColourTable, css, unpacked } from "../charts/colours";
import classes from "./views.module.css";

interface ColourBarProps {
  table: ColourTable;
  low: string;
  middle?: string;
  high: string;
}

/** What the colours of a heat-map stand for. */
export function ColourBar({ table, low, middle, high }: ColourBarProps) {
  const stops = Array.from({ length: 17 }, (_, i) => css(unpacked(table[Math.round((255 * i) / 16)] as number)));
  return (
    <div className={classes.bar}>
      <span>{low}</span>
      <span className={classes.ramp} style={{ backgroundImage: `linear-gradient(90deg, ${stops.join(", ")})` }}>
        {middle !== undefined && <i />}
      </span>
      <span>{high}</span>
    </div>
  );
}
