import { useCallback, useRef, useState } from "react";
import { colourise, colourOf, onto } from "./bitmap";
import { Canvas } from "./Canvas";
import classes from "./charts.module.css";
import { type ColourTable, inkOn, type Theme } from "./colours";
import type { Ink } from "./ink";

interface MatrixProps {
  rows: readonly string[];
  columns: readonly string[];
  /** 0..255 for every cell, row by row. */
  values: Uint8Array;
  table: ColourTable;
  theme: Theme;
  label: string;
  testId?: string;
  rowTitle?: string;
  columnTitle?: string;
  /** Written into a cell where there is room. */
  write?: (row: number, column: number) => string;
  /** What is said of the cell under the pointer. */
  describe?: (row: number, column: number) => string;
  /** Labels at the edges; without them the matrix fills its box. */
  labelled?: boolean;
  centred?: boolean;
}

interface Layout {
  left: number;
  top: number;
  cell: number;
}

const LABEL = 11;
/** A cell's side at most, in CSS pixels. */
const LARGEST = 110;

function longest(context: CanvasRenderingContext2D, labels: readonly string[]): number {
  return Math.min(72, Math.max(0, ...labels.map((label) => context.measureText(label).width)));
}

/** A matrix of coloured cells with named rows and columns; the number of the cell under the pointer. */
export function Matrix(props: MatrixProps) {
  const { rows, columns, values, table, theme, label, testId, rowTitle, columnTitle, write, describe } = props;
  const { labelled = true, centred = false } = props;
  const [scratch] = useState(() => document.createElement("canvas"));
  const layout = useRef<Layout | null>(null);
  const [over, setOver] = useState<{ row: number; column: number } | null>(null);

  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => {
      const [down, across] = [rows.length, columns.length];
      if (down === 0 || across === 0) return;
      context.font = `${LABEL}px ${ink.mono}`;
      const names = longest(context, rows);
      let left = labelled ? Math.ceil(names) + 6 + (rowTitle ? 15 : 0) : 0;
      const upright =
        longest(context, columns) <= Math.max(14, Math.min((width - left) / across, height / down - 12) - 4);
      const top = labelled
        ? (upright ? LABEL + 5 : Math.ceil(longest(context, columns)) + 6) + (columnTitle ? 15 : 0)
        : 0;
      const room = Math.min((width - left) / across, (height - top) / down, LARGEST);
      const cell = room >= 4 ? Math.floor(room) : room;
      // What room is left goes to both sides, the labels staying beside their rows.
      if (centred) left += Math.max(0, Math.floor((width - left - across * cell) / 2));
      layout.current = { left, top, cell };
      context.imageSmoothingEnabled = false;
      context.drawImage(onto(scratch, colourise(values, across, down, table)), left, top, across * cell, down * cell);
      if (cell >= 8) {
        context.strokeStyle = ink.panel;
        context.lineWidth = 1;
        context.beginPath();
        for (let i = 1; i < across; i++) {
          context.moveTo(left + i * cell - 0.5, top);
          context.lineTo(left + i * cell - 0.5, top + down * cell);
        }
        for (let i = 1; i < down; i++) {
          context.moveTo(left, top + i * cell - 0.5);
          context.lineTo(left + across * cell, top + i * cell - 0.5);
        }
        context.stroke();
      }
      if (write && cell >= 13) {
        const texts = Array.from({ length: down * across }, (_, at) => write(Math.floor(at / across), at % across));
        const letters = Math.max(1, ...texts.map((text) => text.length));
        // All cells or none: a number that is left out would read as none.
        const size = Math.min(12, cell * 0.42, (cell - 3) / (0.6 * letters));
        if (size >= 7) {
          context.textAlign = "center";
          context.textBaseline = "middle";
          context.font = `${size}px ${ink.mono}`;
          texts.forEach((text, at) => {
            context.fillStyle = inkOn(colourOf(table, values[at] as number));
            context.fillText(
              text,
              left + ((at % across) + 0.5) * cell,
              top + (Math.floor(at / across) + 0.5) * cell + 0.5,
            );
          });
        }
      }
      if (!labelled) return;
      context.font = `${LABEL}px ${ink.mono}`;
      context.fillStyle = ink.dim;
      const rowSkip = Math.max(1, Math.ceil(10 / cell));
      const columnSkip = Math.max(1, Math.ceil((upright ? longest(context, columns) + 3 : 11) / cell));
      context.textAlign = "right";
      context.textBaseline = "middle";
      for (let row = 0; row < down; row += rowSkip) {
        context.fillText(rows[row] as string, left - 5, top + (row + 0.5) * cell, 72);
      }
      context.textAlign = upright ? "center" : "left";
      for (let column = 0; column < across; column += columnSkip) {
        const x = left + (column + 0.5) * cell;
        if (upright) context.fillText(columns[column] as string, x, top - LABEL / 2 - 3);
        else {
          context.save();
          context.translate(x, top - 5);
          context.rotate(-Math.PI / 2);
          context.fillText(columns[column] as string, 0, 0, 72);
          context.restore();
        }
      }
      context.fillStyle = ink.faint;
      context.font = `${LABEL}px ${ink.sans}`;
      context.textAlign = "center";
      if (columnTitle) context.fillText(columnTitle, left + (across * cell) / 2, 7);
      if (rowTitle) {
        context.save();
        context.translate(left - Math.ceil(names) - 13, top + (down * cell) / 2);
        context.rotate(-Math.PI / 2);
        context.fillText(rowTitle, 0, 0);
        context.restore();
      }
    },
    [rows, columns, values, table, write, labelled, centred, rowTitle, columnTitle, scratch],
  );

  const at = layout.current;
  return (
    <Canvas
      draw={draw}
      theme={theme}
      label={label}
      testId={testId}
      onPoint={
        describe &&
        ((point) => {
          const { left, top, cell } = layout.current ?? { left: 0, top: 0, cell: 1 };
          const column = point ? Math.floor((point.x - left) / cell) : -1;
          const row = point ? Math.floor((point.y - top) / cell) : -1;
          const inside = column >= 0 && row >= 0 && column < columns.length && row < rows.length;
          setOver((before) =>
            inside ? (before?.row === row && before.column === column ? before : { row, column }) : null,
          );
        })
      }
    >
      {over && at && describe && over.row < rows.length && over.column < columns.length && (
        <>
          <span
            className={classes.cell}
            style={{
              left: at.left + over.column * at.cell,
              top: at.top + over.row * at.cell,
              width: at.cell,
              height: at.cell,
            }}
          />
          <span
            className={classes.tip}
            data-below={over.row < rows.length / 2 || undefined}
            style={{
              left: at.left + (over.column + 0.5) * at.cell,
              top:
                over.row < rows.length / 2 ? at.top + (over.row + 1) * at.cell + 4 : at.top + over.row * at.cell - 30,
              transform: `translateX(-${(100 * (over.column + 0.5)) / columns.length}%)`,
            }}
          >
            {describe(over.row, over.column)}
          </span>
        </>
      )}
    </Canvas>
  );
}
