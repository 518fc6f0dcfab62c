import { ActionIcon, Alert, Button, Skeleton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { Database, FileUp, GraduationCap, Moon, Plus, RotateCw, Sun, Users } from "lucide-react";
import { Fragment, type MouseEvent, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Mark } from "../../editor/Mark";
import { memory } from "../../graph/amount";
import type { Document } from "../../graph/document";
import { setCatalogue } from "../../state/catalogue";
import * as http from "../../wire/http";
import type { BoardInfo, GalleryCard } from "../../wire/types";
import { useReady } from "../ready";
import { go } from "../router";
import { BoardTile } from "./BoardTile";
import { ExampleCard } from "./ExampleCard";
import { Finder, matches } from "./Finder";
import classes from "./gallery.module.css";

/** A board's file is at most this long; the server refuses a longer one too. */
const MOST_BYTES = 1_000_000;

type Load = "loading" | "ready" | { failed: string };
const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The page that one starts from: boards to begin with, and one's own. */
export function Gallery() {
  const { t } = useTranslation(["gallery", "page"]);
  const [load, setLoad] = useState<Load>("loading");
  const [cards, setCards] = useState<GalleryCard[]>([]);
  const [boards, setBoards] = useState<BoardInfo[]>([]);
  const [busy, setBusy] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [wanted, setWanted] = useState("");
  const [section, setSection] = useState<string | null>(null);
  const file = useRef<HTMLInputElement>(null);

  const fetchAll = useCallback(async () => {
    setLoad("loading");
    try {
      const [gallery, own, catalogue] = await Promise.all([http.gallery(), http.boards(), http.layers()]);
      setCatalogue(catalogue);
      setCards(gallery);
      setBoards(own);
      setLoad("ready");
    } catch (error) {
      setLoad({ failed: said(error) });
    }
  }, []);

  useEffect(() => void fetchAll(), [fetchAll]);
  useReady(load !== "loading");
  useEffect(() => {
    document.title = `${t("page:product")} · ${t("title")}`;
  }, [t]);

  /** Makes a board and opens it; what is refused is said in the server's words. */
  const make = async (key: string, from: Parameters<typeof http.createBoard>[0]) => {
    setBusy(key);
    setRefusal(null);
    try {
      const board = await http.createBoard(from);
      go(`/b/${board.id}`);
    } catch (error) {
      setRefusal(said(error));
      setBusy(null);
    }
  };

  const upload = async (chosen: File) => {
    if (chosen.size > MOST_BYTES) {
      setRefusal(t("refused.large", { size: memory(chosen.size) }));
      return;
    }
    let document: unknown;
    try {
      document = JSON.parse(await chosen.text());
    } catch {
      setRefusal(t("refused.json", { name: chosen.name }));
      return;
    }
    await make("upload", { document });
  };

  const remove = async (board: BoardInfo) => {
    setRefusal(null);
    try {
      await http.deleteBoard(board.id);
      setBoards((before) => before.filter(({ id }) => id !== board.id));
    } catch (error) {
      setRefusal(said(error));
    }
  };

  const titles = [...new Set(cards.map((card) => card.section || t("others")))];
  const shown = titles
    .filter((title) => section === null || section === title)
    .map((title) => ({
      title,
      cards: cards.filter((card) => (card.section || t("others")) === title && matches(card, wanted)),
    }))
    .filter((each) => each.cards.length > 0);
  // One's own boards stand behind the first section, so that a long gallery does not push them away.
  const yours = section === null && !wanted && (
    <section aria-labelledby="yours">
      <div className={classes.heading}>
        <h2 id="yours">{t("yours")}</h2>
      </div>
      {load === "ready" && boards.length === 0 && <p className={classes.none}>{t("none")}</p>}
      <div className={classes.boards}>
        {boards.map((board) => (
          <BoardTile
            key={board.id}
            board={board}
            onDuplicate={() => void make(board.id, { copy: board.id })}
            onDelete={() => void remove(board)}
          />
        ))}
      </div>
    </section>
  );

  return (
    <div className={classes.page} data-testid="gallery">
      <header className={classes.top}>
        <Mark />
        <span className={classes.brand}>{t("page:product")}</span>
        <span className={classes.spacer} />
        <ThemeSwitch />
        <Button
          component="a"
          href="/learn"
          variant="subtle"
          leftSection={<GraduationCap size={16} aria-hidden />}
          onClick={(event: MouseEvent) => {
            event.preventDefault();
            go("/learn");
          }}
          data-testid="open-learn"
        >
          {t("learnPage")}
        </Button>
        <Button
          component="a"
          href="/classes"
          variant="subtle"
          leftSection={<Users size={16} aria-hidden />}
          onClick={(event: MouseEvent) => {
            event.preventDefault();
            go("/classes");
          }}
          data-testid="open-classes"
        >
          {t("classesPage")}
        </Button>
        <Button
          component="a"
          href="/data"
          variant="subtle"
          leftSection={<Database size={16} aria-hidden />}
          onClick={(event: MouseEvent) => {
            event.preventDefault();
            go("/data");
          }}
          data-testid="open-data"
        >
          {t("dataPage")}
        </Button>
        <Button
          variant="default"
          leftSection={<FileUp size={16} aria-hidden />}
          loading={busy === "upload"}
          onClick={() => file.current?.click()}
          data-testid="upload-board"
        >
          {t("upload")}
        </Button>
        <Button
          leftSection={<Plus size={16} aria-hidden />}
          loading={busy === "new"}
          onClick={() =>
            void make("new", {
              document: { version: 1, title: t("untitled"), recipe: { test: "locked" } } satisfies Document,
            })
          }
          data-testid="new-board"
        >
          {t("new")}
        </Button>
        <input
          ref={file}
          type="file"
          accept="application/json,.json"
          hidden
          data-testid="upload-file"
          onChange={(event) => {
            const [chosen] = event.currentTarget.files ?? [];
            event.currentTarget.value = "";
            if (chosen) void upload(chosen);
          }}
        />
      </header>
      <main className={classes.main}>
        <h1 className={classes.tagline}>{t("tagline")}</h1>
        {refusal && (
          <Alert
            color="red"
            className={classes.refusal}
            title={t("refused.title")}
            withCloseButton
            onClose={() => setRefusal(null)}
            role="alert"
            data-testid="refusal"
          >
            {refusal}
          </Alert>
        )}
        {typeof load === "object" ? (
          <div className={classes.failed} role="alert">
            <p>{t("failed", { message: load.failed })}</p>
            <Button variant="default" leftSection={<RotateCw size={15} aria-hidden />} onClick={() => void fetchAll()}>
              {t("again")}
            </Button>
          </div>
        ) : (
          <>
            <Finder
              sections={load === "ready" ? titles : []}
              section={section}
              wanted={wanted}
              onSection={setSection}
              onWanted={setWanted}
            />
            {load === "loading" && (
              <div className={classes.examples} aria-busy>
                {["a", "b", "c", "d"].map((key) => (
                  <Skeleton key={key} height={330} radius={12} />
                ))}
              </div>
            )}
            {load === "ready" && shown.length === 0 && wanted && (
              <p className={classes.none} role="status" data-testid="nothing">
                {t("nothing", { wanted })}
              </p>
            )}
            {shown.map(({ title, cards }, place) => (
              <Fragment key={title}>
                <section aria-labelledby={`section-${title}`} data-testid="gallery-section">
                  <div className={classes.heading}>
                    <h2 id={`section-${title}`}>{title}</h2>
                    {place === 0 && title === titles[0] && <p>{t("examplesHint")}</p>}
                  </div>
                  <div className={title === titles[0] ? classes.examples : classes.more}>
                    {cards.map((card) => (
                      <ExampleCard
                        key={card.name}
                        card={card}
                        large={title === titles[0]}
                        busy={busy === card.name}
                        onOpen={() => void make(card.name, { gallery: card.name })}
                      />
                    ))}
                  </div>
                </section>
                {place === 0 && yours}
              </Fragment>
            ))}
            {load === "ready" && shown.length === 0 && yours}
          </>
        )}
      </main>
    </div>
  );
}

function ThemeSwitch() {
  const { t } = useTranslation("gallery");
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const next = scheme === "light" ? "dark" : "light";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      className={classes.switch}
      aria-label={t(`theme.${next}`)}
      title={t(`theme.${next}`)}
      onClick={() => setColorScheme(next)}
    >
      {next === "dark" ? <Moon size={17} aria-hidden /> : <Sun size={17} aria-hidden />}
    </ActionIcon>
  );
}
