import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { picture } from "../../charts/bitmap";
import { percent, value, whole } from "../../charts/format";
import type { Reply } from "../../state/asking";
import { useMayEdit } from "../../state/board";
import { bytesOf, floatsOf, integersOf } from "../../state/runFrames";
import { Stamp } from "../../views/samples";
import type { Cases } from "../../wire/types";
import { useAnswer } from "../ask/useAnswer";
import styles from "./cases.module.css";
import type { Tags } from "./tags";
import classes from "./verdict.module.css";
import { type About, asked, type Part, type Wanted } from "./wanted";

const PAGE = 12;
/** Numbers, or places, of a sample that are written out. */
const MOST = 24;
const MOST_COLUMNS = 3;

interface CaseListProps {
  part: Part;
  about: About;
  tags: Tags;
  wanted: Wanted;
  onWant: (wanted: Wanted) => void;
}

/** Samples with what the network says of them, the worst first, page by page; each takes a person's tags. */
export function CaseList({ part, about, tags, wanted, onWant }: CaseListProps) {
  const { t } = useTranslation("verdict");
  const [page, setPage] = useState({ of: wanted, first: 0 });
  // Other samples begin with their first page.
  const first = page.of === wanted ? page.first : 0;
  const { reply, problem, asked: answered } = useAnswer(asked(part, about.loss, wanted, first, PAGE));
  // The page before stays until the next one comes, and says of itself which it is.
  const from = (answered as Cases | null)?.first ?? 0;
  const total = (reply?.header.about as { total?: number } | undefined)?.total ?? 0;
  const samples = (reply && integersOf(reply, "samples")?.data) ?? new Int32Array();
  const turn = (to: number) => setPage({ of: wanted, first: to });
  const names = about.classes ?? [];
  const title =
    wanted.of === "cell"
      ? t(wanted.truth === wanted.answer ? "cases.recognised" : "cases.cell", {
          truth: names[wanted.truth],
          answer: names[wanted.answer],
        })
      : wanted.of === "class"
        ? t("cases.of", { truth: names[wanted.truth] })
        : wanted.of === "tag"
          ? t("cases.tagged", { tag: wanted.tag })
          : null;
  return (
    <section className={classes.cases} aria-label={t("cases.title")} data-testid="cases">
      <div className={styles.casesHead}>
        {title ? (
          <button
            type="button"
            className={styles.filter}
            title={t("cases.clear")}
            data-testid="cases-filter"
            onClick={() => onWant({ of: about.kind === "classes" ? "mistakes" : "all" })}
          >
            {title} <X size={13} aria-hidden />
            <span className="heard">{t("cases.clear")}</span>
          </button>
        ) : about.kind === "classes" ? (
          <fieldset className={classes.choices} aria-label={t("cases.title")}>
            {(["mistakes", "all"] as const).map((of) => (
              <button key={of} type="button" aria-pressed={wanted.of === of} onClick={() => onWant({ of })}>
                {t(`cases.${of}`)}
              </button>
            ))}
          </fieldset>
        ) : (
          <h3>{t("cases.worst")}</h3>
        )}
        <span className={styles.pager}>
          <button
            type="button"
            aria-label={t("cases.before")}
            title={t("cases.before")}
            disabled={first === 0}
            data-testid="cases-before"
            onClick={() => turn(Math.max(0, first - PAGE))}
          >
            <ChevronLeft size={15} aria-hidden />
          </button>
          <span className="mono" data-testid="cases-range" aria-live="polite">
            {t("cases.range", {
              from: whole(total ? from + 1 : 0),
              to: whole(Math.min(total, from + PAGE)),
              total: whole(total),
            })}
          </span>
          <button
            type="button"
            aria-label={t("cases.next")}
            title={t("cases.next")}
            disabled={first + PAGE >= total}
            data-testid="cases-next"
            onClick={() => turn(first + PAGE)}
          >
            <ChevronRight size={15} aria-hidden />
          </button>
        </span>
      </div>
      {problem ? (
        <p className={classes.problem}>{problem}</p>
      ) : !reply ? (
        <p className={classes.dim}>{t("judging")}</p>
      ) : samples.length === 0 ? (
        <p className={classes.dim}>{t("cases.none")}</p>
      ) : (
        <table className={styles.caseTable}>
          <thead>
            <tr>
              <th scope="col">{t("cases.number")}</th>
              <th scope="col">{t("cases.sample")}</th>
              {about.kind !== "loss" && (
                <>
                  <th scope="col">{t("cases.wanted")}</th>
                  <th scope="col">{t("cases.answered")}</th>
                </>
              )}
              <th scope="col">{t("cases.loss")}</th>
              <th scope="col">{t("cases.tags")}</th>
            </tr>
          </thead>
          <tbody>
            {[...samples].map((sample, at) => (
              <CaseRow key={sample} reply={reply} at={at} sample={sample} about={about} tags={tags} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface CaseRowProps {
  reply: Reply;
  at: number;
  sample: number;
  about: About;
  tags: Tags;
}

function CaseRow({ reply, at, sample, about, tags }: CaseRowProps) {
  const { t } = useTranslation("verdict");
  const loss = floatsOf(reply, "losses")?.data[at] ?? 0;
  const share = floatsOf(reply, "confidence")?.data[at];
  const wrong = integersOf(reply, "wrong")?.data[at] === 1;
  return (
    <tr data-testid={`case-${sample}`} data-wrong={(about.kind === "classes" && wrong) || undefined}>
      <td className="mono">{sample}</td>
      <td>
        <Sample reply={reply} at={at} label={`${t("cases.sample")} ${sample}`} />
      </td>
      {about.kind !== "loss" && (
        <>
          <td data-testid="wanted">
            <Told reply={reply} at={at} array="truth" />
          </td>
          <td data-testid="answered">
            <Told reply={reply} at={at} array="answer" />
            {share !== undefined && (
              <small title={t("cases.sure", { share: percent(share) })}> {percent(share, 0)}</small>
            )}
          </td>
        </>
      )}
      <td className="mono" data-testid="loss">
        {value(loss)}
      </td>
      <td>
        <TagField sample={sample} tags={tags} />
      </td>
    </tr>
  );
}

/** The sample itself: a picture, a row's first numbers, or its tokens. */
function Sample({ reply, at, label }: { reply: Reply; at: number; label: string }) {
  const images = bytesOf(reply, "images");
  const about = reply.header.about as { columns?: string[]; tokens?: string[] };
  if (images) {
    const [, channels, height, width] = images.shape as [number, number, number, number];
    return (
      <span className={styles.stamp}>
        <Stamp image={picture(images.data, channels, width, height, at * channels * height * width)} label={label} />
      </span>
    );
  }
  const rows = floatsOf(reply, "rows");
  if (rows) {
    const wide = rows.shape[1] ?? 0;
    const numbers = [...rows.data.subarray(at * wide, (at + 1) * wide)];
    const written = numbers.map(
      (number, column) => `${about.columns?.[column] ?? `x${column + 1}`} = ${Number(number.toPrecision(4))}`,
    );
    return (
      <span className={styles.rowText} title={written.slice(0, MOST).join("\n")}>
        {written.slice(0, MOST_COLUMNS).join(" · ")}
        {written.length > MOST_COLUMNS && " …"}
      </span>
    );
  }
  const tokens = integersOf(reply, "tokens");
  if (!tokens) return <span>–</span>;
  const long = tokens.shape[1] ?? 0;
  const written = [...tokens.data.subarray(at * long, (at + 1) * long)].map(
    (token) => about.tokens?.[token] ?? String(token),
  );
  return <span className={`mono ${styles.rowText}`}>{written.slice(0, 3 * MOST).join("")}</span>;
}

/** What was wanted, or what was answered: a class, the classes along a sequence, or numbers. */
function Told({ reply, at, array }: { reply: Reply; at: number; array: "truth" | "answer" }) {
  const { names = [] } = reply.header.about as { names?: string[] };
  const places = integersOf(reply, array);
  if (places) {
    const wide = places.shape[1] ?? 1;
    const truth = integersOf(reply, "truth")?.data;
    const told = [...places.data.subarray(at * wide, (at + 1) * wide)]
      .map((kind, place) => ({ kind, place, off: truth !== undefined && truth[at * wide + place] !== kind }))
      .filter(({ kind }) => kind >= 0);
    if (wide === 1) return <>{names[told[0]?.kind ?? 0]}</>;
    return (
      <span className={`mono ${styles.rowText}`}>
        {told
          .slice(0, MOST)
          .map(({ kind, place, off }) =>
            off ? <mark key={place}>{names[kind] ?? kind}</mark> : <span key={place}>{names[kind] ?? kind}</span>,
          )}
        {told.length > MOST && "…"}
      </span>
    );
  }
  const numbers = floatsOf(reply, array);
  if (!numbers) return <>–</>;
  const wide = numbers.shape[1] ?? 1;
  const told = [...numbers.data.subarray(at * wide, at * wide + Math.min(wide, MOST_COLUMNS))].map(value);
  return (
    <span className="mono">
      {told.join(" · ")}
      {wide > MOST_COLUMNS && " …"}
    </span>
  );
}

/** A sample's tags; a new one is typed and Enter adds it. */
function TagField({ sample, tags }: { sample: number; tags: Tags }) {
  const { t } = useTranslation("verdict");
  const mayTag = useMayEdit();
  const list = useId();
  const [text, setText] = useState("");
  const its = tags.of(sample);
  const add = (event: FormEvent) => {
    event.preventDefault();
    const tag = text.trim();
    if (tag && !its.includes(tag)) tags.put(sample, [...its, tag]);
    setText("");
  };
  return (
    <span className={styles.tags}>
      {its.map((tag) => (
        <span key={tag} className={styles.tag} data-testid="tag">
          {tag}
          {mayTag && (
            <button
              type="button"
              aria-label={t("tags.remove", { tag, number: sample })}
              title={t("tags.remove", { tag, number: sample })}
              onClick={() =>
                tags.put(
                  sample,
                  its.filter((each) => each !== tag),
                )
              }
            >
              <X size={11} aria-hidden />
            </button>
          )}
        </span>
      ))}
      {mayTag && its.length < 10 && (
        <form onSubmit={add}>
          <input
            value={text}
            list={list}
            maxLength={40}
            placeholder={t("tags.placeholder")}
            aria-label={t("tags.add", { number: sample })}
            data-testid="tag-input"
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <datalist id={list}>
            {Object.keys(tags.samples)
              .filter((tag) => !its.includes(tag))
              .map((tag) => (
                <option key={tag} value={tag} />
              ))}
          </datalist>
        </form>
      )}
    </span>
  );
}
