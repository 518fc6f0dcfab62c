import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { picture } from "../../charts/bitmap";
import * as format from "../../charts/format";
import { parseType } from "../../graph/shape";
import type { Reply } from "../../state/asking";
import { useFacts } from "../../state/facts";
import { bytesOf, floatsOf, integersOf } from "../../state/runFrames";
import { Stamp } from "../../views/samples";
import type { NodeFacts } from "../../wire/types";
import classes from "./ask.module.css";
import own from "./excites.module.css";
import { LayerChoice } from "./LayerChoice";
import { useAnswer } from "./useAnswer";
import { useLayer } from "./useLayer";

const LAYOUTS: ReadonlySet<string> = new Set(["CHW", "CL", "TD", "D"]);

/** Whether it has units with a number each; what comes in has none of its own. */
const units = (facts: NodeFacts): boolean => {
  const type = parseType(Object.values(facts.outputs)[0] ?? "");
  const axes = type?.axes.map(({ name }) => name).join("") ?? "";
  return type?.element === "float" && LAYOUTS.has(axes) && Object.keys(facts.inputs).length > 0;
};
const convolution = (facts: NodeFacts): boolean => facts.type.includes("conv");

interface About {
  channels: number;
  of: number;
  looked: number;
  sample: "image" | "row" | "tokens";
  classes?: string[];
  columns?: string[];
  tokens?: string[];
  begun?: "noise" | "sample" | "nothing";
  steps?: number;
  decay?: number;
  blur?: number;
  seed?: number;
  reached?: number;
  patch?: [number, number, number, number];
}

/** How many channels a node has: along its axis C, or its last. */
function useChannels(path: string): number {
  const outputs = useFacts((state) => state.nodes[path]?.outputs);
  const axes = parseType(Object.values(outputs ?? {})[0] ?? "")?.axes ?? [];
  return (axes.find(({ name }) => name === "C") ?? axes.at(-1))?.size ?? 1;
}

/** What excites a unit of a layer most: a sample made for it, and the nine samples that come nearest. */
export function Excites({ title }: { title: (path: string) => string }) {
  const { t } = useTranslation("ask");
  const { paths, path, choose } = useLayer(units, convolution);
  const [channel, setChannel] = useState("1");
  const number = Number(channel);
  const channels = useChannels(path);
  const whole = Number.isInteger(number) && number >= 1 && number <= channels;
  const { reply, problem, waiting, asked } = useAnswer(
    path && whole ? { question: "excites", node: path, port: "", channel: number - 1 } : null,
  );
  const about = reply?.header.about as unknown as About | undefined;
  const fresh = whole && asked?.question === "excites" && asked.node === path;
  return (
    <>
      <div className={classes.choices}>
        <LayerChoice
          paths={paths}
          path={path}
          title={title}
          onChoose={(next) => {
            choose(next);
            setChannel("1");
          }}
        />
        <label className={own.channel}>
          {t("excites.channel")}
          <input
            type="number"
            min={1}
            max={channels}
            value={channel}
            aria-invalid={!whole}
            data-testid="excites-channel"
            onChange={(event) => setChannel(event.currentTarget.value)}
          />
          {t("excites.channels", { count: channels })}
        </label>
      </div>
      {!whole || (problem && fresh) ? (
        <p className={classes.problem} role="alert" data-testid="excites-problem">
          {whole ? problem : t("excites.refused", { count: channels })}
        </p>
      ) : reply && about && fresh ? (
        <div data-testid="excites" data-waiting={waiting || undefined}>
          <Found reply={reply} about={about} />
        </div>
      ) : (
        <p className={classes.says}>{t("excites.waiting")}</p>
      )}
    </>
  );
}

function Found({ reply, about }: { reply: Reply; about: About }) {
  const { t } = useTranslation("ask");
  const activations = floatsOf(reply, "activations")?.data ?? new Float32Array();
  return (
    <>
      {about.sample === "image" ? (
        <Pictures reply={reply} about={about} />
      ) : about.sample === "tokens" ? (
        <Sequences reply={reply} about={about} />
      ) : (
        <Rows reply={reply} about={about} />
      )}
      <p className={classes.says} data-testid="excites-words">
        {about.reached !== undefined && about.begun !== "nothing"
          ? t("excites.reached", {
              reached: format.value(about.reached),
              best: format.value(activations[0] ?? 0),
              looked: about.looked,
            })
          : t(about.begun === "nothing" ? "excites.nothing" : "excites.best", {
              best: format.value(activations[0] ?? 0),
              looked: about.looked,
            })}
        {about.looked < about.of && ` ${t("excites.fewer", { count: about.of })}`}
      </p>
      {about.steps !== undefined && about.begun !== "nothing" && (
        <p className={classes.says}>
          {t(about.begun === "sample" ? "excites.begunSample" : "excites.begunNoise", { seed: about.seed })}{" "}
          {t("excites.how", { steps: about.steps, decay: format.percent(about.decay ?? 0, 0) })}{" "}
          {about.blur ? t("excites.blur", { every: about.blur }) : ""}
        </p>
      )}
    </>
  );
}

interface PartProps {
  reply: Reply;
  about: About;
}

type Box = readonly [top: number, left: number, height: number, width: number];

/** A part of a picture. */
function cut(image: ImageData, [top, left, height, width]: Box): ImageData {
  const part = new ImageData(Math.max(1, width), Math.max(1, height));
  for (let row = 0; row < height; row++) {
    const from = 4 * ((top + row) * image.width + left);
    part.data.set(image.data.subarray(from, from + 4 * width), 4 * row * part.width);
  }
  return part;
}

function Pictures({ reply, about }: PartProps) {
  const { t } = useTranslation("ask");
  const images = bytesOf(reply, "images");
  const made = bytesOf(reply, "made");
  const patches = integersOf(reply, "patches")?.data;
  const labels = integersOf(reply, "labels")?.data;
  const activations = floatsOf(reply, "activations")?.data;
  const found = useMemo(() => {
    if (!images || !patches) return [];
    const [count, channels, height, width] = images.shape as [number, number, number, number];
    return Array.from({ length: count }, (_, at) => ({
      image: picture(images.data, channels, width, height, at * channels * height * width),
      box: [...patches.subarray(4 * at, 4 * at + 4)] as unknown as Box,
    }));
  }, [images, patches]);
  const [channels, height, width] = (made?.shape ?? [1, 1, 1]) as [number, number, number];
  const best = useMemo(() => made && picture(made.data, channels, width, height), [made, channels, height, width]);
  return (
    <div className={own.row}>
      {best && about.patch && about.begun !== "nothing" && (
        <Patch image={best} box={about.patch} name={t("excites.made")} number={about.reached ?? 0} made />
      )}
      {found.map(({ image, box }, at) => (
        <Patch
          // biome-ignore lint/suspicious/noArrayIndexKey: a sample is its rank
          key={at}
          image={image}
          box={box}
          name={about.classes?.[labels?.[at] ?? -1] ?? t("excites.sample", { number: at + 1 })}
          number={activations?.[at] ?? 0}
        />
      ))}
    </div>
  );
}

interface PatchProps {
  image: ImageData;
  box: Box;
  name: string;
  number: number;
  made?: boolean;
}

/** What the unit sees, and below it where that lies in the whole picture. */
function Patch({ image, box, name, number, made }: PatchProps) {
  const { t } = useTranslation("ask");
  const part = useMemo(() => cut(image, box), [image, box]);
  const [top, left, height, width] = box;
  const share = (of: number, all: number) => `${(100 * of) / all}%`;
  return (
    <figure data-made={made || undefined} data-testid={made ? "excites-made" : "excites-patch"}>
      <Stamp image={part} label={t("excites.patch", { name, number: format.value(number) })} />
      <figcaption>
        <b>{format.value(number)}</b> {name}
      </figcaption>
      <span className={own.whole}>
        <Stamp image={image} />
        <i
          style={{
            top: share(top, image.height),
            left: share(left, image.width),
            height: share(height, image.height),
            width: share(width, image.width),
          }}
        />
      </span>
    </figure>
  );
}

function Rows({ reply, about }: PartProps) {
  const { t } = useTranslation("ask");
  const rows = floatsOf(reply, "rows");
  const made = floatsOf(reply, "made")?.data;
  const activations = floatsOf(reply, "activations")?.data;
  const labels = integersOf(reply, "labels")?.data;
  const width = rows?.shape[1] ?? 0;
  const shown = Math.min(width, 12);
  const numbers = (from: ArrayLike<number> | undefined, start: number) =>
    Array.from({ length: shown }, (_, at) => format.value(from?.[start + at] ?? 0));
  return (
    <table className={own.table}>
      <thead>
        <tr>
          <th>{t("excites.activation")}</th>
          {Array.from({ length: shown }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
            <th key={at}>{about.columns?.[at] ?? `x${at + 1}`}</th>
          ))}
          <th />
        </tr>
      </thead>
      <tbody>
        {made && about.begun !== "nothing" && (
          <tr data-testid="excites-made">
            <td>
              <b>{format.value(about.reached ?? 0)}</b>
            </td>
            {numbers(made, 0).map((text, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
              <td key={at}>{text}</td>
            ))}
            <td>{t("excites.made")}</td>
          </tr>
        )}
        {[...(activations ?? [])].map((number, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a sample is its rank
          <tr key={row} data-testid="excites-patch">
            <td>
              <b>{format.value(number)}</b>
            </td>
            {numbers(rows?.data, row * width).map((text, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
              <td key={at}>{text}</td>
            ))}
            <td>{about.classes?.[labels?.[row] ?? -1] ?? ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Sequences, the token lit at whose place the unit is excited most. */
function Sequences({ reply, about }: PartProps) {
  const tokens = integersOf(reply, "tokens");
  const places = integersOf(reply, "units")?.data;
  const activations = floatsOf(reply, "activations")?.data;
  const length = tokens?.shape[1] ?? 0;
  return (
    <table className={own.table}>
      <tbody>
        {[...(activations ?? [])].map((number, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a sample is its rank
          <tr key={row} data-testid="excites-patch">
            <td>
              <b>{format.value(number)}</b>
            </td>
            <td className={own.sequence}>
              {[...(tokens?.data.subarray(row * length, (row + 1) * length) ?? [])].map((token, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place
                <span key={at} data-lit={at === places?.[2 * row + 1] || undefined}>
                  {about.tokens?.[token] ?? token}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
