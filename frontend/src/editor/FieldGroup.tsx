import { type FocusEvent, type PointerEvent, type ReactNode, useState } from "react";
import type { FieldInfo } from "../wire/types";
import classes from "./field.module.css";

interface Props {
  fields: readonly FieldInfo[];
  children: ReactNode;
}

/** Small fields side by side; below them is said what the one means that is pointed at. */
export function FieldGroup({ fields, children }: Props) {
  const [name, setName] = useState<string | null>(null);
  const follow = (event: FocusEvent | PointerEvent) => {
    const box = event.target instanceof Element ? event.target.closest("[data-field]") : null;
    setName(box?.getAttribute("data-field") ?? null);
  };
  const help = fields.find((field) => field.name === name)?.help;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens which of its fields is pointed at
    <div
      className={classes.group}
      onFocus={follow}
      onPointerOver={follow}
      onPointerLeave={() => setName(null)}
      onBlur={() => setName(null)}
    >
      <div className={classes.pair}>{children}</div>
      {help && (
        <p className={classes.about} aria-hidden>
          {help}
        </p>
      )}
    </div>
  );
}
