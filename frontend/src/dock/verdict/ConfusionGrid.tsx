import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { percent, whole } from "../../charts/format";
import type { Reply } from "../../state/asking";
import { integersOf } from "../../state/runFrames";
import { byMistakes, mixedUp, SHOWN, type Shown, shares, tints } from "./confused";
import matrix from "./matrix.module.css";
import classes from "./verdict.module.css";
import { aboutOf, type Wanted } from "./wanted";

/** Classes of which every pair has a cell. */
const MOST_CELLS = 40;
const MOST_PAIRS = 60;
const MOVES: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

interface ConfusionGridProps {
  reply: Reply;
  wanted: Wanted;
  onWant: (wanted: Wanted) => void;
}

/** The confusion matrix at true counts; a cell leads to the samples behind it. */
export function ConfusionGrid({ reply, wanted, onWant }: ConfusionGridProps) {
  const { t } = useTranslation("verdict");
  const [shown, setShown] = useState<Shown>("counts");
  const [mistakes, setMistakes] = useState(false);
  const [cursor, setCursor] = useState<[number, number]>([0, 0]);
  const body = useRef<HTMLTableSectionElement>(null);
  const counts = integersOf(reply, "counts");
  const names = aboutOf(reply).classes ?? [];
  const size = counts?.shape[0] ?? 0;
  const order = useMemo(
    () => (counts && mistakes ? byMistakes(counts.data, size) : Array.from({ length: size }, (_, at) => at)),
    [counts, size, mistakes],
  );
  const parts = useMemo(() => (counts ? shares(counts.data, size, shown) : new Float64Array()), [counts, size, shown]);
  const tint = useMemo(() => (counts ? tints(counts.data, size, shown) : new Float64Array()), [counts, size, shown]);
  const ofTruth = useMemo(() => (counts ? shares(counts.data, size, "rows") : new Float64Array()), [counts, size]);
  if (!counts) return null;
  const countOf = (truth: number, answer: number) => counts.data[truth * size + answer] as number;
  const say = (truth: number, answer: number) => {
    const share = percent(ofTruth[truth * size + answer] as number);
    const words = { truth: names[truth], answer: names[answer], count: countOf(truth, answer), share };
    return t(truth === answer ? "matrix.right" : "matrix.cell", words);
  };
  if (size > MOST_CELLS)
    return (
      <div className={matrix.pairs}>
        <h3>{t("matrix.title")}</h3>
        <p className={classes.dim}>{t("matrix.pairs")}</p>
        <ul>
          {mixedUp(counts.data, size, MOST_PAIRS).map(({ truth, answer }) => (
            <li key={`${truth} ${answer}`}>
              <button type="button" onClick={() => onWant({ of: "cell", truth, answer })}>
                {say(truth, answer)}
              </button>
            </li>
          ))}
        </ul>
      </div>
    );
  const written = (truth: number, answer: number) => {
    const count = countOf(truth, answer);
    if (count === 0) return "";
    return shown === "counts" ? whole(count) : String(Math.round(100 * (parts[truth * size + answer] as number)));
  };
  const move = (event: KeyboardEvent) => {
    const by = MOVES[event.key];
    if (!by) return;
    event.preventDefault();
    const next = cursor.map((at, axis) => Math.max(0, Math.min(size - 1, at + (by[axis] as number))));
    setCursor(next as [number, number]);
    body.current?.rows[next[0] as number]?.querySelectorAll("button")[next[1] as number]?.focus();
  };
  const isWanted = (truth: number, answer: number) =>
    wanted.of === "cell" && wanted.truth === truth && wanted.answer === answer;
  return (
    <div>
      <h3>{t("matrix.title")}</h3>
      <div className={matrix.options}>
        <label>
          <span>{t("matrix.shown")}</span>
          <select
            value={shown}
            data-testid="matrix-shown"
            onChange={(event) => setShown(event.currentTarget.value as Shown)}
          >
            {SHOWN.map((each) => (
              <option key={each} value={each}>
                {t(`matrix.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{t("matrix.order")}</span>
          <select
            value={String(mistakes)}
            data-testid="matrix-order"
            onChange={(event) => setMistakes(event.currentTarget.value === "true")}
          >
            <option value="false">{t("matrix.given")}</option>
            <option value="true">{t("matrix.mistakes")}</option>
          </select>
        </label>
      </div>
      <div className={matrix.grid}>
        <table aria-label={t("matrix.label")} title={t("matrix.help")} data-testid="confusion-grid">
          <thead>
            <tr>
              <td>
                <span aria-hidden>
                  {t("matrix.truth")} ↓ {t("matrix.answer")} →
                </span>
              </td>
              {order.map((answer) => (
                <th key={answer} scope="col" title={names[answer]}>
                  <span>{names[answer]}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={move}>
            {order.map((truth, row) => (
              <tr key={truth}>
                <th scope="row" title={names[truth]}>
                  <span>{names[truth]}</span>
                </th>
                {order.map((answer, column) => (
                  <td key={answer}>
                    <button
                      type="button"
                      tabIndex={cursor[0] === row && cursor[1] === column ? 0 : -1}
                      aria-pressed={isWanted(truth, answer)}
                      aria-label={say(truth, answer)}
                      title={say(truth, answer)}
                      data-right={truth === answer || undefined}
                      data-testid={`cell-${truth}-${answer}`}
                      style={{ "--part": `${Math.round(55 * (tint[truth * size + answer] as number))}%` } as object}
                      onFocus={() => setCursor([row, column])}
                      onClick={() => onWant({ of: "cell", truth, answer })}
                    >
                      {written(truth, answer)}
                    </button>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
