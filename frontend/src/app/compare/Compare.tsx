import { ArrowLeft, RotateCw } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as http from "../../wire/http";
import type { BoardInfo, Comparison, GalleryCard, RunSummary } from "../../wire/types";
import { useReady } from "../ready";
import { go, useAsked } from "../router";
import { Changes } from "./Changes";
import classes from "./compare.module.css";
import { Totals } from "./Totals";

const CLOCK = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface Others {
  cards: GalleryCard[];
  boards: BoardInfo[];
  runs: RunSummary[];
}

/** A board beside another one, which `with` in the address names. */
export function Compare({ id }: { id: string }) {
  const { t } = useTranslation("compare");
  const other = useAsked("with");
  // A run of the board stands in its place where the address names one.
  const of = useAsked("of");
  const [info, setInfo] = useState<BoardInfo | null>(null);
  const [others, setOthers] = useState<Others | null>(null);
  const [found, setFound] = useState<Comparison | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  const title = info?.title || t("untitled");

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew on every try
  useEffect(() => {
    let wanted = true;
    Promise.all([http.boardInfo(id), http.gallery(), http.boards(), http.runs(id)]).then(
      ([board, cards, boards, runs]) => {
        if (!wanted) return;
        setInfo(board);
        setOthers({ cards, boards: boards.filter((each) => each.id !== id), runs });
      },
      (error) => wanted && setFailed(said(error)),
    );
    return () => {
      wanted = false;
    };
  }, [id, tries]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew on every try
  useEffect(() => {
    setFound(null);
    if (!other) return;
    const asked = new AbortController();
    http.compare(id, other, of, asked.signal).then(setFound, (error) => asked.signal.aborted || setFailed(said(error)));
    return () => asked.abort();
  }, [id, other, of, tries]);

  useEffect(() => {
    document.title = `${t("title")} · ${title} · Chalknet`;
  }, [t, title]);
  useReady(failed !== null || (others !== null && (!other || found !== null)));

  const choose = useCallback(
    (next: string) => {
      setFailed(null);
      go(`/b/${id}/compare${next ? `?with=${encodeURIComponent(next)}` : ""}`);
    },
    [id],
  );
  const show = useCallback(
    (side: 0 | 1, path: string) => {
      // A run shows the board that it trained as it is by now; of a gallery's board, one is made to look at it.
      const [kind, name] = side === 0 ? ["board", id] : other.split(":", 2);
      const at = (board: string) => go(`/b/${board}?layer=${encodeURIComponent(path)}`);
      if (kind === "gallery") {
        http.createBoard({ gallery: name }).then(
          (made) => at(made.id),
          (error) => setFailed(said(error)),
        );
      } else at(kind === "board" && name ? name : id);
    },
    [id, other],
  );
  return (
    <div className={classes.page}>
      <header className={classes.top}>
        <a href={`/b/${id}`} className={classes.back} aria-label={t("back")} title={t("back")}>
          <ArrowLeft size={18} aria-hidden />
        </a>
        <h1>{info ? t("heading", { title }) : t("title")}</h1>
        {others && <Choice others={others} other={other} onChoose={choose} />}
      </header>
      <main className={classes.main} data-testid="compare">
        {failed !== null ? (
          <div className={classes.said} role="alert">
            <p>{t("failed", { message: failed })}</p>
            <button
              type="button"
              onClick={() => {
                setFailed(null);
                setTries(tries + 1);
              }}
            >
              <RotateCw size={15} aria-hidden /> {t("again")}
            </button>
          </div>
        ) : !other ? (
          <p className={classes.said}>{t("prompt")}</p>
        ) : found ? (
          <>
            <Totals found={found} />
            <Changes found={found} onShow={show} />
          </>
        ) : (
          <p className={classes.said} role="status">
            {t("waiting")}
          </p>
        )}
      </main>
    </div>
  );
}

interface ChoiceProps {
  others: Others;
  other: string;
  onChoose: (other: string) => void;
}

/** What there is to compare with. */
function Choice({ others: { cards, boards, runs }, other, onChoose }: ChoiceProps) {
  const { t } = useTranslation("compare");
  const groups = [
    {
      label: t("trained"),
      options: runs.map(({ id, created }) => ({
        value: `run:${id}`,
        words: t("run", { when: CLOCK.format(1000 * created) }),
      })),
    },
    {
      label: t("yours"),
      options: boards.map(({ id, title }) => ({ value: `board:${id}`, words: title || t("untitled") })),
    },
    ...[...new Set(cards.map(({ section }) => section))].map((section) => ({
      label: section,
      options: cards
        .filter((card) => card.section === section)
        .map(({ name, title }) => ({ value: `gallery:${name}`, words: title })),
    })),
  ];
  return (
    <label className={classes.choice}>
      <span>{t("with")}</span>
      <select
        value={other}
        aria-label={t("with")}
        data-testid="compare-with"
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        <option value="">{t("choose")}</option>
        {groups
          .filter(({ options }) => options.length > 0)
          .map(({ label, options }) => (
            <optgroup key={label} label={label}>
              {options.map(({ value, words }) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </optgroup>
          ))}
      </select>
    </label>
  );
}
