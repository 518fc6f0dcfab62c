import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as arithmetic from "./arithmetic";
import classes from "./explain.module.css";
import { Filtered } from "./filtered";
import { Cells, Check, Player, Sum, type Tone, usePlayer } from "./parts";
import { drawn, type PictureProps, sampleGrid, short } from "./picture";
import { Routed, Shifted } from "./pooled";

const ONE: arithmetic.Slide = { kernel: 1, stride: 1, padding: [0, 0], dilation: 1 };
/** Terms of a sum that are written out. */
const MOST = 9;

/** Dark on the left, bright on the right: a kernel that finds upright edges, whatever its size. */
const upright = (rows: number, columns: number): number[] =>
  Array.from(
    { length: rows * columns },
    (_, at) => Math.sign((at % columns) - (columns - 1) / 2) || (columns === 1 ? 1 : 0),
  );

/** A window that moves over the input: what lies under it becomes one number of the output. */
export function WindowPicture({ layer, fields }: PictureProps) {
  const { t } = useTranslation("explain");
  const flat = layer.type.endsWith("1d");
  const convolution = layer.family === "convolution";
  const how: arithmetic.Reduction = convolution
    ? "convolution"
    : layer.type.includes("max")
      ? "max"
      : fields.border === false
        ? "inner"
        : "mean";
  const across = drawn(fields, 1, flat ? 6 : 4);
  const down = flat ? { length: 1, slide: ONE, less: false } : drawn(fields, 0, 4);
  const input = sampleGrid(down.length, across.length);
  const size = down.slide.kernel * across.slide.kernel;
  const [own, setOwn] = useState<number[] | null>(null);
  const [flip, setFlip] = useState(false);
  const typed = own?.length === size ? own : upright(down.slide.kernel, across.slide.kernel);
  const kernel = flip ? arithmetic.flipped(typed) : typed;
  const output = arithmetic.slide(input, down.slide, across.slide, kernel, how);
  const rows = output.length;
  const columns = output[0]?.length ?? 0;
  const player = usePlayer(rows * columns);
  const row = Math.floor(player.at / Math.max(1, columns));
  const column = player.at % Math.max(1, columns);
  const cells = arithmetic.touched(input, down.slide, across.slide, row, column);
  const { value, winner } = arithmetic.reduce(cells, kernel, how);

  const edge = ({ slide, length }: { slide: arithmetic.Slide; length: number }) =>
    length + slide.padding[0] + slide.padding[1] + (slide.more ?? 0);
  const high = edge(down);
  const wide = edge(across);
  const cell = Math.min(34, 268 / Math.max(wide, 7));
  const gap = 26;
  const height = high * cell + gap + rows * cell;
  const under = new Map(cells.map((each, at) => [`${each.row} ${each.column}`, at]));
  const reach = {
    down: [cells[0]?.row ?? 0, cells.at(-1)?.row ?? 0],
    across: [cells[0]?.column ?? 0, cells.at(-1)?.column ?? 0],
  } as const;
  const tone = (r: number, c: number): Tone => {
    const at = under.get(`${r} ${c}`);
    if (at !== undefined) return at === winner ? "won" : "lit";
    const inside = r >= reach.down[0] && r <= reach.down[1] && c >= reach.across[0] && c <= reach.across[1];
    return inside ? "gap" : "";
  };
  const left = (268 - wide * cell) / 2;
  const outLeft = (268 - columns * cell) / 2;

  return (
    <div className={classes.stack} data-testid="explain-window">
      <svg
        viewBox={`0 0 268 ${height}`}
        role="img"
        aria-label={t("window.label", { at: player.at + 1, count: rows * columns, value: short(value) })}
        className={classes.picture}
      >
        <Cells
          name="input"
          rows={high}
          columns={wide}
          from={[-down.slide.padding[0], -across.slide.padding[0]]}
          size={cell}
          x={left}
          value={(r, c) => input[r]?.[c] ?? (how === "max" ? null : 0)}
          padded={(r, c) => input[r]?.[c] === undefined}
          tone={tone}
        />
        <text x={134} y={high * cell + gap / 2} className={classes.caption}>
          {t("window.output", { rows, columns })}
        </text>
        <Cells
          name="output"
          rows={rows}
          columns={columns}
          size={cell}
          x={outLeft}
          y={high * cell + gap}
          value={(r, c) => output[r]?.[c] ?? null}
          tone={(r, c) => (r === row && c === column ? "now" : "")}
          onCell={(r, c) => player.go(r * columns + c)}
        />
      </svg>
      <Player player={player} count={rows * columns} label={t("window.place")} />
      <Sum testId="explain-sum">{written(cells, kernel, how, value)}</Sum>
      {convolution && size > 1 && size <= 25 && (
        <>
          <KernelTable
            rows={down.slide.kernel}
            columns={across.slide.kernel}
            values={typed}
            onChange={(values) => setOwn(values)}
          />
          {layer.type === "conv2d" && <Check title={t("kernel.flip")} on={flip} onChange={setFlip} />}
          {layer.type === "conv2d" && (
            <Filtered
              kernel={kernel}
              rows={down.slide.kernel}
              columns={across.slide.kernel}
              down={down.slide}
              across={across.slide}
              onKernel={setOwn}
            />
          )}
        </>
      )}
      <p className={classes.note}>
        {t(convolution ? "window.convolution" : how === "max" ? "window.max" : "window.mean")}
        {(across.less || down.less) && ` ${t("less")}`}
      </p>
      {!convolution && <Routed input={input} down={down.slide} across={across.slide} how={how} />}
      {!convolution && !flat && <Shifted down={down.slide} across={across.slide} how={how} />}
    </div>
  );
}

/** `1·(−1) + 2·0 + … = 4`, `max(1, 5, 6) = 6`, `(1 + 5)/2 = 3`. */
export function written(
  cells: readonly arithmetic.Touched[],
  kernel: readonly number[],
  how: arithmetic.Reduction,
  value: number,
): string {
  const counted = cells
    .map((cell, at) => ({ ...cell, weight: kernel[at] ?? 0 }))
    .filter(({ padded, beyond }) => how === "convolution" || (!(padded && how !== "mean") && !beyond));
  const some = counted.slice(0, MOST);
  const rest = counted.length > MOST ? ["…"] : [];
  const signed = (x: number) => (x < 0 ? `(${short(x)})` : short(x));
  if (how === "convolution") {
    return `${[...some.map((cell) => `${short(cell.value)}·${signed(cell.weight)}`), ...rest].join(" + ")} = ${short(value)}`;
  }
  const numbers = [...some.map((cell) => short(cell.value)), ...rest];
  return how === "max"
    ? `max(${numbers.join(", ")}) = ${short(value)}`
    : `(${numbers.join(" + ")})/${counted.length} = ${short(value)}`;
}

interface KernelTableProps {
  rows: number;
  columns: number;
  values: readonly number[];
  onChange: (values: number[]) => void;
}

/** The kernel's numbers, to be changed. */
function KernelTable({ rows, columns, values, onChange }: KernelTableProps) {
  const { t } = useTranslation("explain");
  return (
    <fieldset className={classes.kernel} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 44px))` }}>
      <legend>{t("kernel.title")}</legend>
      {values.map((value, at) => (
        <input
          // biome-ignore lint/suspicious/noArrayIndexKey: a number of the kernel is its place
          key={at}
          type="number"
          step={1}
          value={value}
          className="mono"
          aria-label={t("kernel.at", { row: Math.floor(at / columns) + 1, column: (at % columns) + 1, rows })}
          data-testid={`kernel-${at}`}
          onChange={(event) => {
            const next = Number(event.currentTarget.value);
            if (Number.isFinite(next)) onChange(values.map((each, other) => (other === at ? next : each)));
          }}
        />
      ))}
    </fieldset>
  );
}
