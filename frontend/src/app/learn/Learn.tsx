import { ChevronLeft, ChevronRight, PencilRuler } from "lucide-react";
import { type MouseEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Card, type From, SHELVES } from "../../learn/card";
import { CARDS } from "../../learn/registry";
import * as http from "../../wire/http";
import { useReady } from "../ready";
import { go } from "../router";
import { choose } from "../words";
import classes from "./shelf.module.css";
import "./words";

/** Worked examples, figures and decisions: the shelves, or one card. */
export function Learn({ id }: { id: string }) {
  const { t, i18n } = useTranslation("learn");
  const card = CARDS.find((each) => each.id === id);
  const title = card ? t(`cards.${card.id}.title`) : t("title");
  useReady(true);
  useEffect(() => {
    document.title = `${title} · Chalknet`;
  }, [title]);
  const german = i18n.language === "de";
  return (
    <div className={classes.page} lang={i18n.language} data-testid="learn">
      <header className={classes.top}>
        <To path="/" className={classes.home}>
          Chalknet
        </To>
        <To path="/learn" className={classes.heading} current={id === ""}>
          {t("title")}
        </To>
        <span className={classes.spacer} />
        <button
          type="button"
          className={classes.language}
          lang={german ? "en" : "de"}
          data-testid="learn-language"
          onClick={() => choose(german ? "en" : "de")}
        >
          {german ? "English" : "Deutsch"}
        </button>
      </header>
      <div className={classes.body}>
        {id !== "" && <Index id={id} />}
        <main className={classes.main} data-testid="learn-main">
          {card ? <Reading key={card.id} card={card} /> : id === "" ? <Shelves /> : <Unknown />}
        </main>
      </div>
    </div>
  );
}

/** A way to another page of ours: the address is real, the page is not loaded anew. */
function To({
  path,
  className,
  current,
  children,
}: {
  path: string;
  className?: string;
  current?: boolean;
  children: ReactNode;
}) {
  return (
    <a
      href={path}
      className={className}
      aria-current={current ? "page" : undefined}
      onClick={(event: MouseEvent) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(path);
      }}
    >
      {children}
    </a>
  );
}

function Unknown() {
  const { t } = useTranslation("learn");
  return <p className={classes.unknown}>{t("unknown")}</p>;
}

function Index({ id }: { id: string }) {
  const { t } = useTranslation("learn");
  const list = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another card is another place in the list
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [id]);
  return (
    <nav ref={list} className={classes.index} aria-label={t("title")}>
      {SHELVES.filter((shelf) => CARDS.some((card) => card.shelf === shelf)).map((shelf) => (
        <div key={shelf}>
          <h2>{t(`shelves.${shelf}`)}</h2>
          <ul>
            {CARDS.filter((card) => card.shelf === shelf).map((card) => (
              <li key={card.id}>
                <To path={`/learn/${card.id}`} current={card.id === id}>
                  {t(`cards.${card.id}.title`)}
                </To>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function Shelves() {
  const { t } = useTranslation("learn");
  return (
    <div className={classes.shelves}>
      <h1>{t("tagline")}</h1>
      {SHELVES.map((shelf) => {
        const cards = CARDS.filter((card) => card.shelf === shelf);
        return cards.length === 0 ? null : (
          <section key={shelf} aria-labelledby={`shelf-${shelf}`}>
            <h2 id={`shelf-${shelf}`}>{t(`shelves.${shelf}`)}</h2>
            <ul className={classes.tiles}>
              {cards.map((card) => (
                <li key={card.id}>
                  <To path={`/learn/${card.id}`} className={classes.tile}>
                    <b>{t(`cards.${card.id}.title`)}</b>
                    <span>{t(`cards.${card.id}.text`)}</span>
                  </To>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function Reading({ card }: { card: Card }) {
  const { t } = useTranslation("learn");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const { Body, boards = [] } = card;
  const place = CARDS.indexOf(card);
  const open = async (from: From) => {
    setBusy(true);
    setRefused("");
    try {
      go(`/b/${(await http.createBoard(from)).id}`);
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  const [before, behind] = [CARDS[place - 1], CARDS[place + 1]];
  return (
    <article className={classes.card} aria-labelledby="card-title" data-testid={`card-${card.id}`}>
      <p className={classes.shelf}>{t(`shelves.${card.shelf}`)}</p>
      <h1 id="card-title">{t(`cards.${card.id}.title`)}</h1>
      <p className={classes.text}>{t(`cards.${card.id}.text`)}</p>
      <div data-testid="card-body">
        <Body open={(from) => void open(from)} />
      </div>
      {refused && (
        <p role="alert" className={classes.refused}>
          {refused}
        </p>
      )}
      {boards.length > 0 && (
        <div className={classes.boards}>
          {boards.map((board) => (
            <button
              key={board}
              type="button"
              disabled={busy}
              data-testid={`draw-${board}`}
              onClick={() => void open({ gallery: board })}
            >
              <PencilRuler size={16} aria-hidden />
              {boards.length === 1 ? t("draw") : t("drawOne", { board: BOARDS(board) })}
            </button>
          ))}
        </div>
      )}
      <nav className={classes.turn} aria-label={t("turn")}>
        {before ? (
          <To path={`/learn/${before.id}`}>
            <ChevronLeft size={16} aria-hidden />
            {t(`cards.${before.id}.title`)}
          </To>
        ) : (
          <span />
        )}
        {behind && (
          <To path={`/learn/${behind.id}`}>
            {t(`cards.${behind.id}.title`)}
            <ChevronRight size={16} aria-hidden />
          </To>
        )}
      </nav>
    </article>
  );
}

/** `plain-20` as a person reads it. */
const BOARDS = (name: string) => name.replaceAll("-", " ");
