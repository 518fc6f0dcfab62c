import { useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { colourise } from "../charts/bitmap";
import { SEQUENTIAL } from "../charts/colours";
import * as format from "../charts/format";
import { ImageGrid } from "../charts/ImageGrid";
import { Matrix } from "../charts/Matrix";
import { choose, useChoice } from "../state/runChoice";
import { bytesOf } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import { ColourBar } from "./ColourBar";
import { useTheme, type ViewProps } from "./view";
import classes from "./views.module.css";
import { Waiting } from "./Waiting";

type Gate = "input" | "forget" | "output" | "reset" | "update";

/** Which tokens attend to which: a matrix a head, rows the ones that ask, columns the ones that are looked at. Of a gated layer a matrix a gate. */
export function AttentionView({ node, title, facts, large, brief }: ViewProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const sample = useChoice((choice) => choice.sample);
  const chosen = useChoice((choice) => choice.head);
  const frame = useFrame(wishFor("attention", node, sample), box);
  const weights = frame && bytesOf(frame, "weights");
  const [, heads, down, across] = (weights?.shape ?? [0, 1, 1, 1]) as [number, number, number, number];
  const head = Math.min(chosen, heads - 1);
  const about = (frame?.header.about ?? {}) as {
    kind?: string;
    heads?: Gate[];
    rows?: string[][];
    columns?: string[][];
  };
  const labels = useMemo(
    () => ({
      rows: about.rows?.[0]?.slice(0, down) ?? Array.from({ length: down }, (_, i) => String(i + 1)),
      columns: about.columns?.[0]?.slice(0, across) ?? Array.from({ length: across }, (_, i) => String(i + 1)),
    }),
    [about.rows, about.columns, down, across],
  );
  const gates = about.kind === "gates";
  const headName = (index: number) =>
    gates ? t(`gates.${about.heads?.[index] ?? "input"}`) : t("attention.head", { head: index + 1 });
  const paint = useCallback(
    (index: number) =>
      weights ? colourise(weights.data, across, down, SEQUENTIAL, index * across * down) : new ImageData(1, 1),
    [weights, across, down],
  );
  const matrix = (index: number) => {
    if (!weights) return null;
    const values = weights.data.subarray(index * down * across, (index + 1) * down * across);
    return (
      <Matrix
        {...labels}
        values={values}
        table={SEQUENTIAL}
        theme={theme}
        centred={large}
        rowTitle={large && !brief ? t(gates ? "gates.step" : "attention.query") : undefined}
        columnTitle={large && !brief ? t(gates ? "gates.unit" : "attention.key") : undefined}
        label={gates ? `${headName(index)}, ${title}` : t("attention.label", { head: index + 1, title })}
        describe={(row, column) =>
          t(gates ? "gates.cell" : "attention.cell", {
            from: labels.rows[row],
            to: labels.columns[column],
            value: format.percent((values[row * across + column] as number) / 255),
          })
        }
      />
    );
  };

  if (!weights) {
    return (
      <div ref={box} className={classes.stack} data-testid="view-attention">
        <Waiting subject={facts.views.includes("states") ? "gates" : "attention"} />
      </div>
    );
  }
  if (brief) {
    return (
      <div ref={box} className={classes.stack} data-testid="view-attention">
        <div className={classes.fill}>{matrix(head)}</div>
      </div>
    );
  }
  if (large) {
    return (
      <div ref={box} className={classes.heads} data-testid="view-attention">
        {Array.from({ length: heads }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a head is its number
          <figure key={index} className={classes.headFigure}>
            <figcaption>{headName(index)}</figcaption>
            <div className={classes.fill}>{matrix(index)}</div>
          </figure>
        ))}
      </div>
    );
  }
  return (
    <div ref={box} className={classes.attention} data-testid="view-attention">
      <fieldset className={classes.headChoice} aria-label={t("attention.choose")}>
        {Array.from({ length: heads }, (_, index) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a head is its number
            key={index}
            type="button"
            className={classes.headButton}
            aria-pressed={index === head}
            data-testid={`head-${index}`}
            onClick={() => choose({ head: index })}
          >
            <span className={classes.headPicture}>
              <ImageGrid
                count={1}
                aspect={across / down}
                paint={() => paint(index)}
                theme={theme}
                centred
                label={gates ? `${headName(index)}, ${title}` : t("attention.label", { head: index + 1, title })}
              />
            </span>
            {headName(index)}
          </button>
        ))}
      </fieldset>
      <div className={classes.square}>{matrix(head)}</div>
      <aside className={classes.caption}>
        <p>{t(gates ? "gates.caption" : "attention.caption")}</p>
        <ColourBar table={SEQUENTIAL} low="0 %" high="100 %" />
      </aside>
    </div>
  );
}
