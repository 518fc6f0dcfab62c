import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Bars } from "../charts/Bars";
import * as format from "../charts/format";
import { parseType } from "../graph/shape";
import { questionBoard, questionRun, type Reply } from "../state/asking";
import { useBoard } from "../state/board";
import { useChoice } from "../state/runChoice";
import { bytesOf, floatsOf } from "../state/runFrames";
import { useCurrentRun, useSummary } from "../state/runHooks";
import type { Watchable } from "../state/runViews";
import { useScrubbed } from "../state/scrub";
import { SampleStrip } from "../views/samples";
import { useTheme } from "../views/view";
import classes from "./ask.module.css";
import { base64, planes, repeated } from "./drawing";
import { Explained, WHYS, type Why } from "./Explained";
import { Pad } from "./Pad";
import { Mirrored, ONCE, PassControls, Passes } from "./Passes";

type From = "sample" | "draw" | "picture" | "row";

interface About {
  kind: "classes" | "numbers";
  names?: string[];
  winner?: number;
  target: number | null;
  of: number;
  /** The explanation that comes with this answer: until the next comes, the one before. */
  why: Why | "";
  sample: "image" | "row" | "tokens";
  columns?: string[];
  /** Nodes on the way to the answer that drop something while training. */
  drops: string[];
}

/** Most numbers of a row that are typed in. */
const MOST_TYPED = 64;
const PAUSE = 200;

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

/** What the network says of one sample, chosen, drawn, brought or typed, and why. */
export default function AskPanel({ nodes }: { nodes: readonly Watchable[] }) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const source = nodes.find(({ kinds }) => kinds.includes("samples"));
  const type = Object.values(source?.facts.outputs ?? {}).map(parseType)[0];
  const image = type?.axes.some(({ name }) => name === "H") ?? false;
  const sizes = (type?.axes ?? []).map(({ size }) => size ?? 1);
  const [channels, height, width] = sizes as [number, number, number];
  const [from, setFrom] = useState<From>("sample");
  const [picture, setPicture] = useState("");
  const [typed, setTyped] = useState<readonly string[]>([]);
  const [why, setWhy] = useState<Why | "">("");
  const [of, setOf] = useState(-1);
  const [many, setMany] = useState(ONCE);
  const [drops, setDrops] = useState<boolean | null>(null);
  const sample = useChoice((choice) => choice.sample);
  const own = from === "sample" ? "none" : from === "row" ? typed.join(" ") : picture;
  const numbers = from === "row" ? typed.map(Number) : [];
  const complete = from === "sample" || (from === "row" ? typed.length > 0 && typed.every(isNumber) : own !== "");
  const { reply, problem, waiting } = useAnswer(
    source && complete
      ? {
          question: "predict",
          node: source.path,
          sample,
          picture: from === "sample" || from === "row" ? "" : picture,
          numbers,
          why,
          of,
          ...many,
          passes: drops ? many.passes : 0,
          mirror: image && many.mirror,
        }
      : null,
  );
  const about = reply?.header.about as unknown as About | undefined;
  useEffect(() => {
    if (about) setDrops(about.drops.length > 0);
  }, [about]);
  const row = reply && floatsOf(reply, "row")?.data;
  const offers: From[] = image
    ? ["sample", "draw", "picture"]
    : about?.sample === "tokens"
      ? ["sample"]
      : ["sample", "row"];
  const names = about?.names ?? [];
  const shares = reply && floatsOf(reply, "shares")?.data;
  const scores = reply && floatsOf(reply, "scores")?.data;
  const several = reply !== null && floatsOf(reply, "passes") !== null;
  const begin = (next: From) => {
    if (next === "row") setTyped(row ? [...row].map((each) => String(Number(each.toPrecision(6)))) : []);
    setPicture("");
    setFrom(next);
  };
  const bring = (file: Blob | undefined) => {
    if (!file) return;
    createImageBitmap(file).then(
      (bitmap) => setPicture(base64(planes(fitted(bitmap, width, height), channels))),
      () => setPicture(""),
    );
  };

  if (!source) return null;
  return (
    <div className={classes.ask} data-testid="ask-panel" data-waiting={waiting || undefined}>
      <section className={classes.given}>
        <fieldset className={classes.choices} aria-label={t("ask.from")}>
          {offers.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === from}
              data-testid={`ask-${each}`}
              onClick={() => begin(each)}
            >
              {t(`ask.${each}`)}
            </button>
          ))}
        </fieldset>
        {from === "sample" && <SampleStrip node={source.path} />}
        {from === "draw" && (
          <Pad
            height={height}
            width={width}
            onDrawn={(plane) => setPicture(plane ? base64(repeated(plane, channels)) : "")}
          />
        )}
        {from === "picture" && (
          <label
            className={classes.drop}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              bring(event.dataTransfer.files[0]);
            }}
          >
            <span>{t("ask.drop", { width, height })}</span>
            <input
              type="file"
              accept="image/*"
              data-testid="ask-file"
              onChange={(event) => bring(event.currentTarget.files?.[0])}
            />
          </label>
        )}
        {from === "row" && (
          <div className={classes.row}>
            {typed.slice(0, MOST_TYPED).map((text, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
              <label key={at}>
                <span>{about?.columns?.[at] ?? `x${at + 1}`}</span>
                <input
                  value={text}
                  inputMode="decimal"
                  aria-invalid={!isNumber(text)}
                  data-testid={`ask-number-${at}`}
                  onChange={(event) => {
                    const now = event.currentTarget.value;
                    setTyped(typed.map((each, place) => (place === at ? now : each)));
                  }}
                />
              </label>
            ))}
          </div>
        )}
        <PassControls many={many} onChange={setMany} image={image} drops={drops} />
      </section>
      <section
        className={classes.answer}
        aria-live="polite"
        aria-label={t("ask.answer")}
        data-several={several || undefined}
        // What scrolls is reached with the keyboard.
        tabIndex={several ? 0 : undefined}
      >
        {problem ? (
          <p className={classes.problem} data-testid="ask-problem">
            {problem}
          </p>
        ) : !reply || !about || !complete ? (
          <p className={classes.says}>{t(complete ? "ask.waiting" : `ask.begin.${from}`)}</p>
        ) : about.kind === "classes" && shares ? (
          <>
            <p className={classes.winner} data-testid="ask-answer">
              <b>{names[about.winner ?? 0]}</b> {format.percent(shares[about.winner ?? 0] ?? 0)}
              {about.target !== null && (
                <small data-right={about.target === about.winner}>
                  {t(about.target === about.winner ? "ask.right" : "ask.wrong", { name: names[about.target] })}
                </small>
              )}
            </p>
            {several || (
              <div className={classes.bars}>
                <Bars
                  shares={[...shares]}
                  names={names}
                  winner={about.winner ?? 0}
                  theme={theme}
                  label={t("ask.answer")}
                  describe={(index) =>
                    t("choice.share", { name: names[index], share: format.percent(shares[index] ?? 0) })
                  }
                />
              </div>
            )}
          </>
        ) : (
          <p className={classes.winner} data-testid="ask-answer">
            <b>{[...(scores ?? [])].slice(0, 8).map(format.value).join("  ")}</b>
            {about.target !== null && <small>{t("ask.wanted", { value: format.value(about.target) })}</small>}
          </p>
        )}
        {reply && complete && !problem && <Mirrored reply={reply} />}
        {several && complete && !problem && reply && <Passes reply={reply} />}
      </section>
      {about?.sample !== "tokens" && (
        <section className={classes.why}>
          <fieldset className={classes.choices} aria-label={t("ask.why")}>
            {WHYS.filter((each) => image || each === "saliency" || each === "relevance").map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={each === why}
                title={t(`ask.help.${each}`)}
                data-testid={`why-${each}`}
                onClick={() => setWhy(why === each ? "" : each)}
              >
                {t(`ask.${each}`)}
              </button>
            ))}
            {why && names.length > 2 && (
              <select
                value={of}
                aria-label={t("ask.of")}
                data-testid="ask-of"
                onChange={(event) => setOf(Number(event.currentTarget.value))}
              >
                <option value={-1}>{t("ask.winner")}</option>
                {names.map((name, index) => (
                  <option key={name} value={index}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </fieldset>
          {why && reply && complete && !problem && about?.why === why ? (
            <Explained reply={reply} why={why} names={names} />
          ) : (
            <p className={classes.says}>{t(why ? `ask.help.${why}` : "ask.whyNot")}</p>
          )}
          {!why && reply && bytesOf(reply, "image") && <Explained reply={reply} why="" names={names} />}
        </section>
      )}
    </div>
  );
}

/** A picture as pixels RGBA of this size: its middle, as much of it as fits. */
function fitted(bitmap: ImageBitmap, width: number, height: number): Uint8ClampedArray {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  context.imageSmoothingQuality = "high";
  const [wide, high] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (width - wide) / 2, (height - high) / 2, wide, high);
  bitmap.close();
  return context.getImageData(0, 0, width, height).data;
}

interface Answered {
  reply: Reply | null;
  problem: string;
  waiting: boolean;
}

type Asked = Parameters<typeof questionBoard>[1];

/** The answer of the current run, or of the board as it is; asked again when the run came to stand elsewhere. */
function useAnswer(question: Asked | null): Answered {
  const run = useCurrentRun();
  const board = useBoard((state) => state.id);
  const at = useScrubbed(run);
  const summary = useSummary();
  const [answer, setAnswer] = useState<Answered>({ reply: null, problem: "", waiting: false });
  const text = question ? JSON.stringify(question) : "";
  const moves = summary?.state === "running" ? "running" : `${summary?.state} ${summary?.step}`;
  const latest = useRef(question);
  latest.current = question;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is all that a question is made of
  useEffect(() => {
    const asked = latest.current;
    if (!asked) return;
    const stop = new AbortController();
    setAnswer((before) => ({ ...before, waiting: true }));
    const timer = setTimeout(() => {
      (run ? questionRun(run.id, asked, at, stop.signal) : questionBoard(board, asked, stop.signal)).then(
        (reply) => setAnswer({ reply, problem: "", waiting: false }),
        (error: Error) => !stop.signal.aborted && setAnswer({ reply: null, problem: error.message, waiting: false }),
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, run, board, at, moves]);
  return answer;
}
