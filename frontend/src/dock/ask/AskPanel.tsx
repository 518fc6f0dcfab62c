import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsked } from "../../state/asked";
import { useCatalogue } from "../../state/catalogue";
import { useDocument } from "../../state/document";
import { useChoice } from "../../state/runChoice";
import { type Frame, floatsOf } from "../../state/runFrames";
import { useCurrentRun } from "../../state/runHooks";
import { namesOf, type Watchable, wishFor } from "../../state/runViews";
import { complete, keyOf } from "../../state/runWatch";
import { SampleStrip } from "../../views/samples";
import { type About, Answer } from "./Answer";
import classes from "./ask.module.css";
import { Camera } from "./Camera";
import { base64, repeated } from "./drawing";
import { Excites } from "./Excites";
import { type From, type Given, isNumber, kindOf, OFFERS } from "./given";
import { Inside } from "./Inside";
import { frameIn, useOnCards, useShownOnCards } from "./onBoard";
import { Pad } from "./Pad";
import { Mirrored, ONCE, PassControls, Passes } from "./Passes";
import { Picture } from "./Picture";
import { Row } from "./Row";
import { Tokens } from "./Tokens";
import { useAnswer } from "./useAnswer";
import { NOT_ASKED, WhyPanel } from "./Why";

/** What is shown beside the answer: why it is so, what leaves a node on the way, what excites a unit most. */
const MODES = ["why", "inside", "excites"] as const;
type Mode = (typeof MODES)[number];

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
  const [mode, setMode] = useState<Mode>("why");
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
  const wish = from === "row" && plane ? complete({ ...wishFor("plane", plane.path, 0), samples: [0] }) : null;
  const own = from !== "sample";
  const wanted = useAsked((state) => state.wanted);
  const run = useCurrentRun();
  // Of a fixed sample the run itself shows what happens on the way.
  const cards = useOnCards(wanted && given !== null && (own || !run), own);
  const { reply, problem, waiting, asked } = useAnswer(
    given && {
      ...given,
      question: "predict",
      ...asking,
      ...many,
      passes: drops ? many.passes : 0,
      mirror: kind.of === "image" && many.mirror,
      views: [...(wish ? [wish] : []), ...cards.map(({ wish }) => wish)],
    },
  );
  const about = reply?.header.about as unknown as About | undefined;
  useEffect(() => {
    if (about) setDrops(about.drops.length > 0);
  }, [about]);
  const drawn = useKept(reply, wish && keyOf(wish));
  const row = reply && floatsOf(reply, "row")?.data;
  // Of another kind of sample no answer stays until the next one comes.
  const answered = given && !problem && alike(given, asked) ? reply : null;
  useShownOnCards(answered, cards, own, given ? say(`cards.${from}`, { number: sample + 1 }) : "");
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
        {(own || !run) && (
          <div className={classes.choices}>
            <button
              type="button"
              aria-pressed={wanted}
              title={say("cards.help")}
              data-testid="ask-cards"
              onClick={() => useAsked.setState({ wanted: !wanted })}
            >
              {say("cards.button")}
            </button>
          </div>
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
      <section className={classes.why} data-mode={mode}>
        <div className={classes.modes}>
          {MODES.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === mode}
              title={say(`mode.help.${each}`)}
              data-testid={`ask-mode-${each}`}
              onClick={() => setMode(each)}
            >
              {say(`mode.${each}`)}
            </button>
          ))}
        </div>
        {mode === "why" && <WhyPanel reply={answered} about={about} asking={asking} onAsk={setAsking} title={title} />}
        {mode === "inside" && <Inside given={given} title={title} />}
        {mode === "excites" && <Excites title={title} />}
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
function useKept(reply: { arrays: Frame["arrays"] } | null, key: string | null): Frame | null {
  const [frame, setFrame] = useState<Frame | null>(null);
  useEffect(() => {
    const found = key ? frameIn(reply, key) : null;
    if (found || !key) setFrame(found);
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
