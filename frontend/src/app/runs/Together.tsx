import { X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { picture } from "../../charts/bitmap";
import * as format from "../../charts/format";
import { bytesOf, floatsOf, integersOf, parseFrame } from "../../state/runFrames";
import { Stamp } from "../../views/samples";
import * as http from "../../wire/http";
import type { Answer } from "../../wire/types";
import classes from "./together.module.css";

type Part = "test" | "validation";
type Reply = ReturnType<typeof parseFrame<Answer>>;

interface About {
  kind: "classes" | "numbers";
  names: string[];
  count: number;
  of: number;
  samples: number[];
  alone: number[];
  mean: number;
  classes: string[];
  vote: number;
  differ: number;
  differ_right: number;
  none_right: number;
  loss_alone?: number[];
  loss_mean?: number;
  spread: number;
  columns?: string[];
}

interface TogetherProps {
  board: string;
  runs: readonly string[];
  onClose: () => void;
}

/** Several runs asked about the same samples: each alone, their mean, their vote, and where they disagree. */
export function Together({ board, runs, onClose }: TogetherProps) {
  const { t } = useTranslation("many");
  const [part, setPart] = useState<Part>("validation");
  const [reply, setReply] = useState<Reply | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    setReply(null);
    setProblem("");
    http.askTogether(board, runs, part, stop.signal).then(
      (bytes) => setReply(parseFrame<Answer>(bytes)),
      (error: Error) => !stop.signal.aborted && setProblem(error.message),
    );
    return () => stop.abort();
  }, [board, runs, part]);
  const about = reply?.header.about as unknown as About | undefined;
  return (
    <section className={classes.together} aria-labelledby="together" data-testid="together" data-kind={about?.kind}>
      <header className={classes.head}>
        <h2 id="together">{t("together.title", { count: runs.length })}</h2>
        <label>
          <span className="heard">{t("together.part")}</span>
          <select
            value={part}
            data-testid="together-part"
            onChange={(event) => setPart(event.currentTarget.value as Part)}
          >
            <option value="validation">{t("together.validation")}</option>
            <option value="test">{t("together.test")}</option>
          </select>
        </label>
        <button type="button" className={classes.close} aria-label={t("together.close")} onClick={onClose}>
          <X size={16} aria-hidden />
        </button>
      </header>
      {problem ? (
        <p role="alert" className={classes.problem} data-testid="together-problem">
          {problem}
        </p>
      ) : !reply || !about ? (
        <p role="status" className={classes.says}>
          {t("together.waiting")}
        </p>
      ) : (
        <div className={classes.body}>
          <div className={classes.scores}>
            <Scores about={about} />
            <Words about={about} />
          </div>
          {about.kind === "classes" && about.names.length > 2 && <Apart reply={reply} about={about} />}
          <Disputed reply={reply} about={about} />
        </div>
      )}
    </section>
  );
}

/** A bar for what each says alone, and for all together. */
function Scores({ about }: { about: About }) {
  const { t } = useTranslation("many");
  const shares = about.kind === "classes";
  const rows = [
    ...about.names.map((name, at) => ({ name, value: about.alone[at] ?? 0, loss: about.loss_alone?.[at], all: false })),
    { name: t("together.mean"), value: about.mean, loss: about.loss_mean, all: true },
    ...(shares ? [{ name: t("together.vote"), value: about.vote, loss: undefined, all: true }] : []),
  ];
  const values = rows.map(({ value }) => value);
  const best = shares ? Math.max(...values) : Math.min(...values);
  const most = shares ? 1 : Math.max(...values, 1e-30);
  return (
    <table className={classes.bars}>
      <thead>
        <tr>
          <th scope="col">{t("together.who")}</th>
          <th scope="col" colSpan={2}>
            {t(shares ? "together.accuracy" : "together.error")}
          </th>
          {about.loss_alone && <th scope="col">{t("together.loss")}</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, value, loss, all }) => (
          <tr key={name} data-all={all || undefined} data-best={value === best || undefined}>
            <th scope="row">{name}</th>
            <td aria-hidden>
              <i style={{ width: `${(100 * value) / most}%` }} />
            </td>
            <td>{shares ? format.percent(value) : format.value(value)}</td>
            {about.loss_alone && <td>{loss === undefined ? "" : format.value(loss)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Words({ about }: { about: About }) {
  const { t } = useTranslation("many");
  const some = about.count < about.of ? ` ${t("together.first", { count: about.count, of: about.of })}` : "";
  if (about.kind === "numbers") {
    return (
      <p className={classes.says} data-testid="together-words">
        {t("together.numbers", {
          mean: format.value(about.mean),
          best: format.value(Math.min(...about.alone)),
          spread: format.value(about.spread),
        })}
        {some}
      </p>
    );
  }
  return (
    <p className={classes.says} data-testid="together-words">
      {t("together.classes", {
        mean: format.percent(about.mean),
        best: format.percent(Math.max(...about.alone)),
        differ: format.whole(about.differ),
        count: about.count,
        right: format.whole(about.differ_right),
        none: format.whole(about.none_right),
      })}
      {some}
    </p>
  );
}

/** Who disagrees with whom: the share of the samples. */
function Apart({ reply, about }: { reply: Reply; about: About }) {
  const { t } = useTranslation("many");
  const apart = floatsOf(reply, "apart");
  if (!apart) return null;
  const count = about.names.length;
  const most = Math.max(...apart.data, 1e-9);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard
    <section className={classes.apart} tabIndex={0} aria-label={t("together.apart")}>
      <h3>{t("together.apart")}</h3>
      <table>
        <thead>
          <tr>
            <td />
            {about.names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {about.names.map((name, row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {about.names.map((other, column) => {
                const share = apart.data[row * count + column] ?? 0;
                const depth = Math.round((45 * share) / most);
                return (
                  <td
                    key={other}
                    style={{ background: `color-mix(in oklab, var(--validation) ${depth}%, transparent)` }}
                  >
                    {row === column ? "" : format.percent(share)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The samples that they disagree about most, with what each says. */
function Disputed({ reply, about }: { reply: Reply; about: About }) {
  const { t } = useTranslation("many");
  const images = bytesOf(reply, "images");
  const rows = floatsOf(reply, "rows");
  const stamps = useMemo(() => {
    if (!images) return [];
    const [count, channels, height, width] = images.shape as [number, number, number, number];
    return Array.from({ length: count }, (_, at) =>
      picture(images.data, channels, width, height, at * channels * height * width),
    );
  }, [images]);
  const shares = about.kind === "classes";
  const read = (name: string) => (shares ? integersOf(reply, name) : floatsOf(reply, name))?.data ?? [];
  const [answers, means, targets] = [read("answers"), read("means"), read("targets")];
  const count = about.samples.length;
  const write = (value: number) => (shares ? (about.classes[value] ?? String(value)) : format.value(value));
  // Of classes only where they differ: there is no dispute about the others.
  const shown = shares ? Math.min(count, about.differ) : count;
  if (shown === 0) return <p className={classes.says}>{t("together.agree")}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard
    <section className={classes.disputed} tabIndex={0} aria-label={t("together.disputed")}>
      <h3>{t("together.disputed")}</h3>
      <ol>
        {about.samples.slice(0, shown).map((sample, at) => {
          const target = targets[at] ?? 0;
          const said = about.names.map((name, member) => ({ name, value: answers[member * count + at] ?? 0 }));
          const chip = (name: string, value: number, all = false) => (
            <span
              key={name}
              className={classes.chip}
              title={name}
              data-all={all || undefined}
              data-right={shares ? value === target : undefined}
            >
              <span className="heard">{name}: </span>
              {write(value)}
              {shares && <span className="heard"> {t(value === target ? "together.right" : "together.wrong")}</span>}
            </span>
          );
          return (
            <li key={sample} data-testid="disputed">
              {stamps[at] ? (
                <Stamp image={stamps[at]} label={t("together.sample", { number: sample + 1 })} />
              ) : rows ? (
                <code>{written(rows.data, rows.shape[1] ?? 0, at)}</code>
              ) : (
                <code>{t("together.sample", { number: sample + 1 })}</code>
              )}
              <div>
                <b>{t("together.is", { name: write(target) })}</b>
                <p>
                  {said.map(({ name, value }) => chip(name, value))}
                  <span aria-hidden>→</span>
                  {chip(t("together.mean"), means[at] ?? 0, true)}
                </p>
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

const SHORT = 3;

/** The first numbers of a row. */
function written(values: Float32Array, width: number, at: number): string {
  const some = [...values.subarray(at * width, at * width + Math.min(width, SHORT))].map(format.value).join(" ");
  return width > SHORT ? `${some} …` : some;
}
