import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { colourise, onto } from "../charts/bitmap";
import { Canvas } from "../charts/Canvas";
import { SEQUENTIAL } from "../charts/colours";
import * as format from "../charts/format";
import { useCatalogue } from "../state/catalogue";
import { useDocument } from "../state/document";
import { choose, useChoice } from "../state/runChoice";
import { useFrame } from "../state/runHooks";
import { namesOf } from "../state/runViews";
import { heat, layersOf, MEASURES, type Measure } from "../views/norms";
import { SpreadView } from "../views/spread";
import { useTheme } from "../views/view";
import { Waiting } from "../views/Waiting";
import classes from "./layers.module.css";

/** How large gradients, weights and updates are, layer by layer; and of the chosen layer how its numbers lie. */
export default function LayersPanel() {
  const { t } = useTranslation("dock");
  const [measure, setMeasure] = useState<Measure>("gradient");
  const document = useDocument((state) => state.document);
  const layers = useCatalogue((state) => state.layers);
  const focus = useChoice((choice) => choice.focus);
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const frame = useFrame({ view: "norms", node: "", rate: 2 }, box);
  const { rows, steps } = frame ? layersOf(frame, measure) : { rows: [], steps: [] };
  const strips = heat(rows);
  const node = focus ?? rows[0]?.node;
  return (
    <div ref={box} className={classes.layers} data-testid="layers-panel">
      {rows.length === 0 ? (
        <Waiting subject="norms" />
      ) : (
        <section className={classes.norms}>
          <div className={classes.measures} role="radiogroup" aria-label={t("norms.choose")}>
            {MEASURES.map((each) => (
              // biome-ignore lint/a11y/useSemanticElements: a button that is one of several, as the dock's tabs are
              <button
                key={each}
                type="button"
                role="radio"
                aria-checked={each === measure}
                title={t(`norms.${each}Help`)}
                data-testid={`measure-${each}`}
                onClick={() => setMeasure(each)}
              >
                {t(`norms.${each}`)}
              </button>
            ))}
            <small>{t("norms.until", { step: format.whole(steps.at(-1) ?? 0) })}</small>
          </div>
          <div className={classes.rows}>
            {rows.map((row, place) => {
              const { title, group } = namesOf(document, row.node, layers);
              const value = format.value(row.values.at(-1) ?? 0);
              return (
                <button
                  key={row.node}
                  type="button"
                  className={classes.row}
                  aria-pressed={row.node === node}
                  data-alarm={row.alarm ?? undefined}
                  data-testid={`norm-${row.node}`}
                  title={row.alarm ? t(`norms.${row.alarm}Help`) : group ? `${group} › ${title}` : title}
                  onClick={() => choose({ focus: row.node })}
                >
                  <span className={classes.name}>{title}</span>
                  <Strip bytes={strips[place] as Uint8Array} theme={theme} label={`${title}: ${value}`} />
                  <span className="mono">{value}</span>
                  <span className={classes.alarm}>{row.alarm && t(`norms.${row.alarm}`)}</span>
                </button>
              );
            })}
          </div>
        </section>
      )}
      {node !== undefined && rows.length > 0 && (
        <section className={classes.spread}>
          <h4>{namesOf(document, node, layers).title}</h4>
          <SpreadView key={node} node={node} title={namesOf(document, node, layers).title} />
        </section>
      )}
    </div>
  );
}

function Strip({ bytes, theme, label }: { bytes: Uint8Array; theme: "light" | "dark"; label: string }) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      context.imageSmoothingEnabled = false;
      const image = onto(document.createElement("canvas"), colourise(bytes, bytes.length, 1, SEQUENTIAL));
      context.drawImage(image, 0, 0, width, height);
    },
    [bytes],
  );
  return (
    <span className={classes.strip}>
      <Canvas draw={draw} theme={theme} label={label} />
    </span>
  );
}
