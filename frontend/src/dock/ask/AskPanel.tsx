import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../../state/catalogue";
import { useDocument } from "../../state/document";
import { useChoice } from "../../state/runChoice";
import { type Frame, floatsOf, parseFrame } from "../../state/runFrames";
import { namesOf, type Watchable, wishFor } from "../../state/runViews";
import { keyOf } from "../../state/runWatch";
import { SampleStrip } from "../../views/samples";
import { type About, Answer } from "./Answer";
import classes from "./ask.module.css";
import { Camera } from "./Camera";
import { base64, repeated } from "./drawing";
import { type From, type Given, isNumber, kindOf, OFFERS } from "./given";
import { Pad } from "./Pad";
import { Mirrored, ONCE, PassControls, Passes } from "./Passes";
import { Picture } from "./Picture";
import { Row } from "./Row";
import { Tokens } from "./Tokens";
import { useAnswer } from "./useAnswer";
import { NOT_ASKED, WhyPanel } from "./Why";

/** What the network says of one sample, chosen, drawn, brought or typed; why; and what happens on the way. */
export default function AskPanel({ nodes }: { nodes: readonly Watchable[] }) {
  const { t } = useTranslation("dock");
  const { t: say } = useTranslation("ask");
  const source = nodes.find(({ kinds }) => kinds.includes("samples"));
  const kind = useMemo(() => kindOf(source?.facts), [source?.facts]);
  const [from, setFrom] = useState<From>("sample");
  const [picture, setPicture] = useState("");
  const [typed, setTyped] = useState<readonly string[]>([]);
  const [tokens, setTokens] = useState<number[] | null>(null);
  const [asking, setAsking] = useState(NOT_ASKED);
  const [many, setMany] = useState(ONCE);
  const [drops, setDrops] = useState<boolean | null>(null);
  const sample = useChoice((choice) => choice.sample);
  const title = useTitles();

  const given = ((): Given | null => {
    if (!source) return null;
    const fixed = { node: source.path, sample, picture: "", numbers: [] };
    if (from === "sample") return fixed;
    if (from === "row")
      return typed.length > 0 && typed.every(isNumber) ? { ...fixed, numbers: typed.map(Number) } : null;
    if (from === "tokens") {
      if (!tokens) return null;
      return { ...fixed, numbers: [...tokens, ...new Array<number>(kind.length - tokens.length).fill(0)] };
    }
    return picture ? { ...fixed, picture } : null;
  })();
  const plane = nodes.find(({ kinds }) => kinds.includes("plane"));
  const wish = from === "row" && plane ? { ...wishFor("plane", plane.path, 0), samples: [0] } : null;
  const { reply, problem, waiting, asked } = useAnswer(
    given && {
      ...given,
      question: "predict",
      ...asking,
      ...many,
      passes: drops ? many.passes : 0,
      mirror: kind.of === "image" && many.mirror,
      views: wish ? [wish as Required<typeof wish>] : [],
    },
  );
  const about = reply?.header.about as unknown as About | undefined;
  useEffect(() => {
    if (about) setDrops(about.drops.length > 0);
  }, [about]);
  const drawn = useInside(reply, wish && keyOf(wish));
  const row = reply && floatsOf(reply, "row")?.data;
  // Of another kind of sample no answer stays until the next one comes.
  const answered = given && !problem && alike(given, asked) ? reply : null;
  const several = reply !== null && floatsOf(reply, "passes") !== null;
  const begin = (next: From) => {
    if (next === "row") setTyped(row ? [...row].map((each) => String(Number(each.toPrecision(6)))) : []);
    setPicture("");
    setTokens(null);
    setFrom(next);
  };
  // What a sequence is made of is known from its first answer on.
  const [vocabulary, setVocabulary] = useState<readonly string[]>([]);
  useEffect(() => {
    if (about?.tokens) setVocabulary(about.tokens);
  }, [about?.tokens]);

  if (!source) return null;
  return (
    <div className={classes.ask} data-testid="ask-panel" data-waiting={waiting || undefined}>
      <section className={classes.given}>
        <fieldset className={classes.choices} aria-label={t("ask.from")}>
          {OFFERS[kind.of].map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === from}
              data-testid={`ask-${each}`}
              onClick={() => begin(each)}
            >
              {say(`from.${each}`)}
            </button>
          ))}
        </fieldset>
        {from === "sample" && <SampleStrip node={source.path} />}
        {from === "draw" && (
          <Pad
            height={kind.height}
            width={kind.width}
            onDrawn={(plane) => setPicture(plane ? base64(repeated(plane, kind.channels)) : "")}
          />
        )}
        {from === "picture" && <Picture kind={kind} onPicture={setPicture} />}
        {from === "camera" && <Camera kind={kind} onPicture={setPicture} />}
        {from === "row" && <Row typed={typed} columns={about?.columns} plane={drawn} onTyped={setTyped} />}
        {from === "tokens" && <Tokens names={vocabulary} length={kind.length} onTyped={setTokens} />}
        {about?.kind !== "steps" && (
          <PassControls many={many} onChange={setMany} image={kind.of === "image"} drops={drops} />
        )}
      </section>
      <section
        className={classes.answer}
        aria-live="polite"
        aria-label={t("ask.answer")}
        data-several={several || undefined}
        // What scrolls is reached with the keyboard.
        tabIndex={several || about?.kind === "steps" ? 0 : undefined}
      >
        {problem ? (
          <p className={classes.problem} data-testid="ask-problem">
            {problem}
          </p>
        ) : answered ? (
          <Answer reply={answered} several={several} typed={from === "tokens" ? lengthOf(asked) : 0} />
        ) : (
          <p className={classes.says}>{given ? t("ask.waiting") : say(`begin.${from}`)}</p>
        )}
        {answered && <Mirrored reply={answered} />}
        {several && answered && <Passes reply={answered} />}
      </section>
      <section className={classes.why}>
        <WhyPanel reply={answered} about={about} asking={asking} onAsk={setAsking} title={title} />
      </section>
    </div>
  );
}

type Own = Pick<Given, "picture" | "numbers">;

const alike = (given: Own, asked: unknown): boolean => {
  const { picture = "", numbers = [] } = (asked ?? {}) as Partial<Own>;
  return (picture === "") === (given.picture === "") && (numbers.length === 0) === (given.numbers.length === 0);
};

/** Tokens of a sequence without the padding at its end. */
const lengthOf = (asked: unknown): number =>
  (((asked ?? {}) as Partial<Own>).numbers?.findLastIndex((token) => token > 0) ?? -1) + 1;

/** A view that came with an answer; until the next comes, the one before. */
function useInside(reply: { arrays: Frame["arrays"] } | null, key: string | null): Frame | null {
  const [frame, setFrame] = useState<Frame | null>(null);
  useEffect(() => {
    const found = key ? reply?.arrays.get(key)?.data : undefined;
    // Its own arrays must lie at multiples of 8, as in a frame that came alone.
    if (found instanceof Uint8Array) setFrame(parseFrame(found.slice().buffer));
    else if (!key) setFrame(null);
  }, [reply, key]);
  return frame;
}

/** What a node is called, with the block that it is in. */
function useTitles(): (path: string) => string {
  const document = useDocument((state) => state.document);
  const layers = useCatalogue((state) => state.layers);
  return useCallback(
    (path: string) => {
      const { title, group } = namesOf(document, path, layers);
      return group ? `${group} › ${title}` : title;
    },
    [document, layers],
  );
}
