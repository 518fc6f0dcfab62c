import type { KeyboardEvent, PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { type Panel, resize, SIZES, useUi } from "../state/ui";
import classes from "./resizer.module.css";

const WORDS = { palette: "panel.resizePalette", inspector: "panel.resizeInspector", dock: "panel.resizeDock" } as const;

/** The border of a panel: drag it, or use the arrow keys; a double click brings back the usual size. */
export function Resizer({ panel, edge }: { panel: Exclude<Panel, "dock">; edge: "left" | "right" }) {
  const { t } = useTranslation("editor");
  const size = useUi((state) => state[panel]);
  const outward = edge === "right" ? 1 : -1;

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const handle = event.currentTarget;
    const from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const move = ({ clientX }: globalThis.PointerEvent) => resize(panel, size + (clientX - from) * outward);
    const stop = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", stop);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", stop);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 16 : event.key === "ArrowLeft" ? -16 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    resize(panel, size + step * outward);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that is moved is a widget, a rule is not
    <div
      className={classes.resizer}
      data-panel={panel}
      role="separator"
      aria-orientation="vertical"
      aria-label={t(WORDS[panel])}
      aria-valuenow={size}
      aria-valuemin={SIZES[panel].least}
      aria-valuemax={SIZES[panel].most}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onDoubleClick={() => resize(panel, SIZES[panel].usual)}
      onKeyDown={onKeyDown}
    />
  );
}
