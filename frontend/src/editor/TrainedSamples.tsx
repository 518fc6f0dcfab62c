import { Dices } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { picture } from "../charts/bitmap";
import { exact } from "../graph/amount";
import { questionBoard, type Reply } from "../state/asking";
import { useBoard } from "../state/board";
import { useDocument } from "../state/document";
import { bytesOf, floatsOf, integersOf } from "../state/runFrames";
import { Stamp } from "../views/samples";
import classes from "./forms.module.css";

/** Milliseconds after the last change, so that a number that is being typed is not asked for digit by digit. */
const PAUSE = 300;
const SIDE = 200;
const MOST_ROWS = 6;
const MOST_COLUMNS = 6;

/** Some training samples as a network sees them: augmented at random and scaled, made anew with every change. */
export function TrainedSamples({ path }: { path: string }) {
  const { t } = useTranslation("editor");
  const board = useBoard((state) => state.id);
  const saving = useBoard((state) => state.saving);
  const nodes = useDocument((state) => state.document.nodes);
  const blocks = useDocument((state) => state.document.blocks);
  const split = useDocument((state) => state.document.recipe?.split);
  const [draw, setDraw] = useState(0);
  const [reply, setReply] = useState<Reply | null>(null);
  const [problem, setProblem] = useState("");
  const [waiting, setWaiting] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the server is asked of the board as it is kept there by then
  useEffect(() => {
    if (saving !== "saved") return;
    const abort = new AbortController();
    setWaiting(true);
    const timer = setTimeout(() => {
      questionBoard(board, { question: "trained", node: path, draw }, abort.signal)
        .then((answer) => {
          setReply(answer);
          setProblem("");
        })
        .catch((error: Error) => !abort.signal.aborted && setProblem(error.message))
        .finally(() => !abort.signal.aborted && setWaiting(false));
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [board, path, draw, saving, nodes, blocks, split]);
  return (
    <div className={classes.seen} data-testid="trained-samples" data-draw={reply && !waiting ? draw : undefined}>
      <header>
        <p className={classes.sentence}>{t("seen.text")}</p>
        <button
          type="button"
          className={classes.again}
          disabled={waiting && !problem}
          data-testid="trained-again"
          onClick={() => setDraw((number) => number + 1)}
        >
          <Dices size={15} aria-hidden />
          {t("seen.again")}
        </button>
      </header>
      {problem ? (
        <p className={classes.complaint}>{problem}</p>
      ) : reply ? (
        <>
          <Counts reply={reply} />
          <Seen reply={reply} />
        </>
      ) : (
        <p className={classes.sentence}>{t("seen.waiting")}</p>
      )}
    </div>
  );
}

/** How many samples each part has. */
function Counts({ reply }: { reply: Reply }) {
  const { t } = useTranslation("editor");
  const { parts } = reply.header.about as { parts?: Record<"train" | "validation" | "test", number> };
  if (!parts) return null;
  return (
    <p className={classes.sentence} data-testid="part-counts">
      {t("seen.parts", {
        train: exact(parts.train),
        validation: exact(parts.validation),
        test: exact(parts.test),
      })}
    </p>
  );
}

function Seen({ reply }: { reply: Reply }) {
  const { t } = useTranslation("editor");
  const images = bytesOf(reply, "seen");
  const plain = floatsOf(reply, "plain");
  const rows = floatsOf(reply, "seen");
  const labels = integersOf(reply, "labels");
  const names = (reply.header.about as { classes?: string[] }).classes ?? [];
  if (images) {
    const [count, channels, height, width] = images.shape as [number, number, number, number];
    const boxes = floatsOf(reply, "boxes");
    const most = boxes?.shape[1] ?? 0;
    return (
      <div className={classes.pictures}>
        {Array.from({ length: count }, (_, n) => {
          const label = labels?.data[n];
          const name = label === undefined ? "" : (names[label] ?? String(label));
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a sample is its number
            <figure key={n} className={Math.max(height, width) > 64 ? classes.large : undefined}>
              <div className={classes.framed}>
                <Stamp
                  image={picture(images.data, channels, width, height, n * channels * height * width)}
                  label={name ? t("seen.one", { number: n + 1, name }) : t("seen.plain", { number: n + 1 })}
                />
                {boxes &&
                  Array.from({ length: most }, (__, k) => {
                    const [kind = -1, x = 0, y = 0, w = 0, h = 0] = boxes.data.subarray((n * most + k) * 5);
                    return kind < 0 ? null : (
                      <i
                        // biome-ignore lint/suspicious/noArrayIndexKey: a box is its number
                        key={k}
                        style={{
                          left: `${(x - w / 2) * 100}%`,
                          top: `${(y - h / 2) * 100}%`,
                          width: `${w * 100}%`,
                          height: `${h * 100}%`,
                        }}
                      />
                    );
                  })}
              </div>
              {name && <figcaption title={name}>{name}</figcaption>}
            </figure>
          );
        })}
      </div>
    );
  }
  if (!rows || !plain) return null;
  const [count, columns] = rows.shape as [number, number];
  return columns === 2 ? (
    <Scatter plain={plain.data} seen={rows.data} />
  ) : (
    <Rows {...{ count, columns }} values={rows.data} />
  );
}

/** Rows of two numbers: where they were, faint, and where they are seen. */
function Scatter({ plain, seen }: { plain: Float32Array; seen: Float32Array }) {
  const { t } = useTranslation("editor");
  const reach = [...plain, ...seen].reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6) * 1.05;
  const at = (value: number) => ((value / reach + 1) / 2) * SIDE;
  const dots = (values: Float32Array, className?: string) =>
    Array.from({ length: values.length / 2 }, (_, n) => (
      <circle
        // biome-ignore lint/suspicious/noArrayIndexKey: a point is its number
        key={n}
        className={className}
        cx={at(values[2 * n] as number)}
        cy={SIDE - at(values[2 * n + 1] as number)}
        r={1.6}
      />
    ));
  return (
    <svg className={classes.scatter} viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={t("seen.points")}>
      {dots(plain)}
      {dots(seen, classes.moved)}
    </svg>
  );
}

function Rows({ count, columns, values }: { count: number; columns: number; values: Float32Array }) {
  return (
    <table className={classes.rows}>
      <tbody>
        {Array.from({ length: Math.min(count, MOST_ROWS) }, (_, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its number
          <tr key={n}>
            {Array.from({ length: Math.min(columns, MOST_COLUMNS) }, (__, c) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a column is its number
              <td key={c} className="mono">
                {(values[n * columns + c] as number).toPrecision(3)}
              </td>
            ))}
            {columns > MOST_COLUMNS && <td>…</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
