import { useTranslation } from "react-i18next";
import * as arithmetic from "./arithmetic";
import classes from "./explain.module.css";
import { Cells, Player, Sum, usePlayer } from "./parts";
import { drawn, type PictureProps, pairOf, short } from "./picture";

/** A transposed convolution along one axis: every input stamps its kernel, what overlaps adds up. */
export function StampsPicture({ layer, fields }: PictureProps) {
  const { t } = useTranslation("explain");
  const { slide, less } = drawn(fields, 1, 1);
  const most = Math.max(
    2,
    Math.min(3, Math.floor((16 - arithmetic.span(slide.kernel, slide.dilation)) / slide.stride) + 1),
  );
  const input = [2, 1, 3].slice(0, most);
  const kernel = Array.from({ length: slide.kernel }, (_, at) => at + 1);
  const extra = pairOf(fields, "output_padding", 0)[1];
  const { stamps, whole, output, cut } = arithmetic.stamped(input, kernel, slide, extra);
  const player = usePlayer(input.length + 1, 1000);
  const shown = player.at;
  const size = Math.min(30, 268 / Math.max(whole.length, 7));
  const gap = 20;
  const left = (268 - whole.length * size) / 2;
  const line = (at: number) => size + gap + at * (size + 4);
  const last = line(input.length) + gap;
  const now = whole.map((_, place) =>
    stamps
      .slice(0, shown + 1)
      .reduce(
        (sum, { cells }) => sum + cells.reduce((all, cell) => all + (cell.place === place ? cell.value : 0), 0),
        0,
      ),
  );
  const outside = (place: number) => place < cut[0] || place >= whole.length - cut[1];
  const finished = shown >= input.length;
  return (
    <div className={classes.stack} data-testid="explain-stamps">
      <svg
        viewBox={`0 0 268 ${last + size + 22}`}
        role="img"
        aria-label={t("stamps.label", { from: input.length, to: output.length })}
        className={classes.picture}
      >
        <Cells
          rows={1}
          columns={input.length}
          size={size}
          x={(268 - input.length * size) / 2}
          value={(_, c) => input[c] ?? null}
          tone={(_, c) => (c === shown ? "now" : c < shown ? "lit" : "")}
          onCell={(_, c) => player.go(c)}
        />
        {stamps.map(({ at, cells }, i) => (
          <Cells
            // biome-ignore lint/suspicious/noArrayIndexKey: a stamp is its input's place
            key={i}
            rows={1}
            columns={arithmetic.span(kernel.length, slide.dilation)}
            size={size}
            x={left + at * size}
            y={line(i)}
            value={(_, c) => (i <= shown ? (cells.find(({ place }) => place === at + c)?.value ?? null) : null)}
            tone={(_, c) =>
              cells.some(({ place }) => place === at + c) ? (i === shown ? "now" : i < shown ? "lit" : "") : "gap"
            }
          />
        ))}
        <Cells
          name="stamped"
          rows={1}
          columns={whole.length}
          size={size}
          x={left}
          y={last}
          value={(_, c) => now[c] ?? null}
          padded={(_, c) => outside(c)}
          tone={(_, c) => (outside(c) ? "cut" : finished ? "won" : now[c] ? "lit" : "")}
        />
        <text x={134} y={last + size + 13} className={classes.caption}>
          {t("stamps.sum", { length: output.length })}
        </text>
      </svg>
      <Player player={player} count={input.length + 1} label={t("stamps.place")} />
      <Sum>
        {`(${input.length} − 1)·${slide.stride} − ${slide.padding[0]} − ${slide.padding[1]} + ${slide.dilation}·(${slide.kernel} − 1) + 1 + ${extra} = ${short(arithmetic.transposedLength(input.length, slide, extra))}`}
      </Sum>
      <p className={classes.note}>
        {t("stamps.note")}
        {!layer.type.endsWith("1d") && ` ${t("stamps.axis")}`}
        {less && ` ${t("less")}`}
      </p>
    </div>
  );
}
