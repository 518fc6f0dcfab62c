import { useState } from "react";
import { useTranslation } from "react-i18next";
import { parseType } from "../graph/shape";
import { fromIndex, rowIndex } from "./arithmetic";
import classes from "./explain.module.css";
import { Cells, Player, Sum, usePlayer } from "./parts";
import type { PictureProps } from "./picture";

/** A cube of numbers and the row that it becomes: the same numbers, in reading order, channel after channel. */
export function FlattenPicture({ facts }: PictureProps) {
  const { t } = useTranslation("explain");
  const type = parseType(facts?.inputs.x?.[0] ?? "");
  const sizes = type?.axes.length === 3 ? type.axes.map(({ size }) => size) : [2, 2, 2];
  const [channels, height, width] = [2, 3, 4].map((most, at) => Math.min(most, sizes[at] as number)) as [
    number,
    number,
    number,
  ];
  const count = channels * height * width;
  const player = usePlayer(count);
  const [numbers] = useState(() => [10, 5, 7, 3, 8, 1, 4, 9, 2, 6, 0, 11]);
  const [c, i, j] = fromIndex(height, width, player.at);
  const size = Math.min(28, (268 - (channels - 1) * 16) / (channels * width));
  const small = Math.min(28, 268 / Math.min(count, 12));
  const rows = Math.ceil(count / 12);
  const per = Math.min(count, 12);
  const number = (at: number) => numbers[at % numbers.length] as number;
  const top = height * size + 26;
  return (
    <div className={classes.stack} data-testid="explain-flatten">
      <svg
        viewBox={`0 0 268 ${top + rows * (small + 4)}`}
        role="img"
        aria-label={t("flatten.label", { channel: c, row: i, column: j, at: player.at })}
        className={classes.picture}
      >
        {Array.from({ length: channels }, (_, channel) => (
          <Cells
            // biome-ignore lint/suspicious/noArrayIndexKey: a channel is its place
            key={channel}
            name={`cube-${channel}`}
            rows={height}
            columns={width}
            size={size}
            x={(268 - channels * width * size - (channels - 1) * 16) / 2 + channel * (width * size + 16)}
            value={(r, k) => number(rowIndex(height, width, channel, r, k))}
            tone={(r, k) => (channel === c && r === i && k === j ? "now" : "")}
            onCell={(r, k) => player.go(rowIndex(height, width, channel, r, k))}
          />
        ))}
        {Array.from({ length: rows }, (_, line) => (
          <Cells
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            key={line}
            name="row"
            rows={1}
            columns={Math.min(per, count - line * per)}
            from={[0, line * per]}
            size={small}
            x={(268 - per * small) / 2}
            y={top + line * (small + 4)}
            value={(_, at) => number(at)}
            tone={(_, at) => (at === player.at ? "now" : "")}
            onCell={(_, at) => player.go(at)}
          />
        ))}
      </svg>
      <Player player={player} count={count} label={t("flatten.place")} />
      <Sum testId="explain-sum">{`[${c}, ${i}, ${j}] → (${c}·${height} + ${i})·${width} + ${j} = ${player.at}`}</Sum>
      <p className={classes.note}>
        {t("flatten.note")}
        {type &&
          type.axes.length === 3 &&
          count !== sizes.reduce((a, b) => a * b, 1) &&
          ` ${t("flatten.corner", { sizes: sizes.join("×"), count: sizes.reduce((a, b) => a * b, 1).toLocaleString("en") })}`}
      </p>
    </div>
  );
}
