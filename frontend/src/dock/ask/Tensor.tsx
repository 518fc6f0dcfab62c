import { ChartColumn, Download, Image as ImageIcon, Table2 } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Bars } from "../../charts/Bars";
import { colourise } from "../../charts/bitmap";
import { SEQUENTIAL } from "../../charts/colours";
import * as format from "../../charts/format";
import { ImageGrid } from "../../charts/ImageGrid";
import { useTheme } from "../../views/view";
import { channelOf, csv, histogram, layoutOf, npy, scaled, type Tensor } from "./tensor";
import classes from "./tensor.module.css";

const LOOKS = [
  ["picture", ImageIcon],
  ["table", Table2],
  ["histogram", ChartColumn],
] as const;
type Look = (typeof LOOKS)[number][0];

/** Channels that are pictured, rows and columns of a table that are written out, bars of a histogram. */
const [MOST_CHANNELS, MOST_CELLS, BINS] = [64, 32, 24];

/** What the server says of a tensor. */
export interface AboutTensor {
  least?: number;
  most?: number;
  mean?: number;
  deviation?: number;
  odd: number;
}

interface TensorViewProps {
  /** Null until it is there. */
  tensor: Tensor | null;
  about: AboutTensor | undefined;
  /** What a file of it is called, without its ending. */
  name: string;
  title: string;
  /** Stands before all else: what it is that is looked at. */
  choice: ReactNode;
  /** Stands in its place until it is there. */
  instead: ReactNode;
}

/** A tensor as a picture of every channel, as a table, or as a histogram; to take away as a file. */
export function TensorView({ tensor, about, name, title, choice, instead }: TensorViewProps) {
  const { t } = useTranslation("ask");
  const [wanted, setLook] = useState<Look>("picture");
  const [chosen, setChannel] = useState(-1);
  if (!tensor || !about)
    return (
      <div className={classes.tensor}>
        <div className={classes.tools}>{choice}</div>
        {instead}
      </div>
    );
  const layout = layoutOf(tensor);
  const channel = chosen < layout.channels ? chosen : -1;
  const single = tensor.data.length === 1;
  const look = single ? "table" : wanted;
  return (
    <div className={classes.tensor} data-testid="tensor" data-look={look}>
      <div className={classes.tools}>
        {choice}
        {!single &&
          LOOKS.map(([each, Icon]) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === look}
              data-testid={`tensor-${each}`}
              aria-label={t(`tensor.${each}`)}
              title={t(`tensor.${each}`)}
              onClick={() => setLook(each)}
            >
              <Icon size={14} aria-hidden />
            </button>
          ))}
        {layout.channels > 1 && (
          <select
            value={channel}
            aria-label={t("tensor.channels")}
            data-testid="tensor-channel"
            onChange={(event) => setChannel(Number(event.currentTarget.value))}
          >
            <option value={-1}>{t("tensor.all", { count: layout.channels })}</option>
            {Array.from({ length: Math.min(layout.channels, 4096) }, (_, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a channel is its number
              <option key={at} value={at}>
                {t("tensor.channel", { number: at + 1 })}
              </option>
            ))}
          </select>
        )}
        <button
          type="button"
          title={t("tensor.npyHelp")}
          data-testid="tensor-npy"
          onClick={() => save(new Blob([npy(tensor)], { type: "application/octet-stream" }), `${name}.npy`)}
        >
          <Download size={13} aria-hidden /> .npy
        </button>
        <button
          type="button"
          title={t("tensor.csvHelp")}
          data-testid="tensor-csv"
          onClick={() => save(new Blob([csv(tensor)], { type: "text/csv" }), `${name}.csv`)}
        >
          <Download size={13} aria-hidden /> CSV
        </button>
      </div>
      <p className={classes.facts} data-testid="tensor-facts">
        <b>{tensor.shape.length ? tensor.shape.map((size, at) => `${tensor.axes[at]} ${size}`).join(" × ") : "1"}</b>
        {about.least !== undefined && (
          <span>
            {t("tensor.facts", {
              least: format.value(about.least),
              most: format.value(about.most ?? 0),
              mean: format.value(about.mean ?? 0),
              deviation: format.value(about.deviation ?? 0),
            })}
          </span>
        )}
        {about.odd > 0 && <span className={classes.odd}>{t("tensor.odd", { count: about.odd })}</span>}
      </p>
      {look === "picture" && <Pictures tensor={tensor} channel={channel} title={title} onChannel={setChannel} />}
      {look === "table" && <Table tensor={tensor} channel={Math.max(0, channel)} title={title} />}
      {look === "histogram" && <Histogram tensor={tensor} channel={channel} title={title} />}
    </div>
  );
}

interface PartProps {
  tensor: Tensor;
  channel: number;
  title: string;
}

function Pictures({ tensor, channel, title, onChannel }: PartProps & { onChannel: (channel: number) => void }) {
  const { t } = useTranslation("ask");
  const theme = useTheme();
  const { channels, down, across } = layoutOf(tensor);
  const count = channel < 0 ? Math.min(channels, MOST_CHANNELS) : 1;
  const paint = useCallback(
    (at: number) => {
      const bytes = scaled(channelOf(tensor, channel < 0 ? at : channel));
      return colourise(bytes, across, down, SEQUENTIAL);
    },
    [tensor, channel, across, down],
  );
  // A row of numbers is drawn as high as it needs to be seen.
  const aspect = down === 1 ? Math.max(1, Math.min(12, across)) : across / down;
  return (
    <>
      <div className={classes.pictures}>
        <ImageGrid
          count={count}
          aspect={aspect}
          paint={paint}
          theme={theme}
          most={channel < 0 ? 110 : 200}
          label={t("tensor.label", { title })}
          describe={(at) => range(tensor, channel < 0 ? at : channel, t)}
          onPick={channels > 1 ? (at) => onChannel(channel < 0 ? at : -1) : undefined}
        />
      </div>
      {channel < 0 && channels > count && (
        <p className={classes.note}>{t("tensor.first", { shown: count, count: channels })}</p>
      )}
    </>
  );
}

type Words = ReturnType<typeof useTranslation<"ask">>["t"];

function range(tensor: Tensor, channel: number, t: Words): string {
  const { low, high } = histogram(channelOf(tensor, channel), 1);
  return t("tensor.range", { number: channel + 1, low: format.value(low), high: format.value(high) });
}

function Table({ tensor, channel, title }: PartProps) {
  const { t } = useTranslation("ask");
  const { channels, down, across } = layoutOf(tensor);
  const values = channelOf(tensor, channel);
  const [rows, columns] = [Math.min(down, MOST_CELLS), Math.min(across, MOST_CELLS)];
  const whole = tensor.data instanceof Int32Array;
  const cut = rows < down || columns < across;
  const named = [...tensor.axes].reverse();
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard */}
      <section className={classes.table} tabIndex={0} aria-label={t("tensor.label", { title })}>
        <table>
          {across > 1 && (
            <thead>
              <tr>
                <th>{down > 1 ? `${named[1] ?? ""} \\ ${named[0] ?? ""}` : named[0]}</th>
                {Array.from({ length: columns }, (_, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
                  <th key={at}>{at}</th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {Array.from({ length: rows }, (_, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
              <tr key={row}>
                {across > 1 && <th>{down > 1 ? row : ""}</th>}
                {Array.from({ length: columns }, (_, column) => {
                  const value = values[row * across + column] ?? 0;
                  return (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
                    <td key={column}>{whole ? value : format.value(value)}</td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {(channels > 1 || cut) && (
        <p className={classes.note}>
          {channels > 1 && t("tensor.of", { number: channel + 1, count: channels })}{" "}
          {cut && t("tensor.cut", { rows, columns })}
        </p>
      )}
    </>
  );
}

function Histogram({ tensor, channel, title }: PartProps) {
  const { t } = useTranslation("ask");
  const theme = useTheme();
  const { low, high, counts } = useMemo(() => histogram(channelOf(tensor, channel), BINS), [tensor, channel]);
  const most = Math.max(1, ...counts);
  const edge = (at: number) => format.value(low + ((high - low) * at) / counts.length);
  return (
    <div className={classes.histogram}>
      <div className={classes.bars}>
        <Bars
          shares={counts.map((count) => count / most)}
          names={counts.map((_, at) => edge(at))}
          winner={-1}
          theme={theme}
          brief
          label={t("tensor.histogramOf", { title, low: format.value(low), high: format.value(high), most })}
          describe={(at) => t("tensor.bin", { count: counts[at] ?? 0, low: edge(at), high: edge(at + 1) })}
        />
      </div>
      <p className={classes.ends}>
        <span>{format.value(low)}</span>
        <span>{format.value(high)}</span>
      </p>
    </div>
  );
}

function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
