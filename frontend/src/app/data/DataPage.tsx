import { Button } from "@mantine/core";
import { ArrowLeft, FileUp, FolderUp, X } from "lucide-react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { amount, memory } from "../../graph/amount";
import * as http from "../../wire/http";
import type { DataSet, DataSetInfo } from "../../wire/types";
import { useReady } from "../ready";
import { go } from "../router";
import classes from "./data.module.css";
import { KindIcon } from "./KindIcon";
import { pictureOf, said, useAnswer } from "./sets";
import { dropped, type Named, named, type Upload, upload } from "./upload";

interface Sending {
  key: number;
  title: string;
  bytes: number;
  /** From 0 to 1; at 1 the server reads. */
  share: number;
  refused: string;
  cancel: () => void;
}

/** How often one looks how far a set is that is being fetched. */
const FETCHING = 700;

let sent = 0;

/** All data: one's own, those that come with Chalknet; and taking more. */
export function DataPage() {
  const { t } = useTranslation("data");
  const { answer, failed, again } = useAnswer(http.dataSets, "");
  const [sending, setSending] = useState<Sending[]>([]);
  const [over, setOver] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useReady(answer !== null || failed !== null);
  useEffect(() => {
    document.title = `${t("title")} · Chalknet`;
  }, [t]);
  const fetching = answer?.some((info) => info.share !== null) ?? false;
  useEffect(() => {
    if (!fetching) return;
    const timer = setInterval(again, FETCHING);
    return () => clearInterval(timer);
  });

  const change = (key: number, more: Partial<Sending>) =>
    setSending((all) => all.map((each) => (each.key === key ? { ...each, ...more } : each)));
  const drop = (key: number) => setSending((all) => all.filter((each) => each.key !== key));

  const take = (files: Named[]) => {
    if (files.length === 0) return;
    const key = ++sent;
    const bytes = files.reduce((sum, { file: { size } }) => sum + size, 0);
    const first = files[0]?.path ?? "";
    const title = files.length === 1 ? first : t("files", { name: first.split("/")[0], count: files.length });
    const made: Upload = upload(files, (share) => change(key, { share }));
    setSending((all) => [{ key, title, bytes, share: 0, refused: "", cancel: made.cancel }, ...all]);
    made.done.then(
      ({ info }: DataSet) => {
        drop(key);
        go(`/data/${info.id}`);
      },
      (error: Error) => {
        if (error.name === "AbortError") drop(key);
        else change(key, { refused: said(error) || t("lost") });
      },
    );
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void dropped(event.dataTransfer).then(take);
  };

  const own = answer?.filter(({ source }) => source === "own") ?? [];
  const known = answer?.filter(({ source }) => source === "built_in") ?? [];
  const byName = answer?.filter(({ source }) => source === "by_name") ?? [];
  return (
    <div className={classes.page} data-testid="data-page">
      <header className={classes.top}>
        <a
          href="/"
          className={classes.back}
          aria-label={t("home")}
          title={t("home")}
          onClick={(event) => {
            event.preventDefault();
            go("/");
          }}
        >
          <ArrowLeft size={18} aria-hidden />
        </a>
        <h1>{t("title")}</h1>
      </header>
      <main className={classes.main}>
        <section
          className={classes.drop}
          data-over={over || undefined}
          aria-label={t("bring")}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
          data-testid="data-drop"
        >
          <div>
            <h2>{t("bring")}</h2>
            <p>{t("kinds")}</p>
          </div>
          <div className={classes.buttons}>
            <Button
              leftSection={<FileUp size={16} aria-hidden />}
              onClick={() => file.current?.click()}
              data-testid="choose-file"
            >
              {t("file")}
            </Button>
            <Button
              variant="default"
              leftSection={<FolderUp size={16} aria-hidden />}
              onClick={() => folder.current?.click()}
            >
              {t("folder")}
            </Button>
          </div>
          <input
            ref={file}
            type="file"
            hidden
            multiple
            data-testid="data-file"
            onChange={(event) => {
              take(named(event.currentTarget.files ?? []));
              event.currentTarget.value = "";
            }}
          />
          <input
            ref={(element) => {
              folder.current = element;
              element?.setAttribute("webkitdirectory", "");
            }}
            type="file"
            hidden
            data-testid="data-folder"
            onChange={(event) => {
              take(named(event.currentTarget.files ?? []));
              event.currentTarget.value = "";
            }}
          />
        </section>
        {sending.map(({ key, title, bytes, share, refused, cancel }) => (
          <div key={key} className={classes.sending} data-refused={refused || undefined} data-testid="sending">
            <div>
              <b>{title}</b> <span>{memory(bytes)}</span>
              {refused ? (
                <p role="alert">{refused}</p>
              ) : (
                <>
                  <p role="status">{share < 1 ? t("sending", { percent: Math.floor(share * 100) }) : t("reading")}</p>
                  <progress value={share < 1 ? share : undefined} max={1} aria-label={title} />
                </>
              )}
            </div>
            <button
              type="button"
              className={classes.plain}
              aria-label={refused ? t("dismiss") : t("cancel")}
              title={refused ? t("dismiss") : t("cancel")}
              onClick={() => (refused ? drop(key) : cancel())}
            >
              <X size={16} aria-hidden />
            </button>
          </div>
        ))}
        {failed !== null && (
          <p className={classes.none} role="alert">
            {t("failed", { message: failed })}
          </p>
        )}
        {answer && (
          <>
            <Shelf title={t("yours")} sets={own} none={t("none")} onChange={again} />
            <Shelf title={t("known")} sets={known} onChange={again} />
            <Shelf title={t("byName")} sets={byName} onChange={again} />
          </>
        )}
      </main>
    </div>
  );
}

interface ShelfProps {
  title: string;
  sets: readonly DataSetInfo[];
  none?: string;
  onChange: () => void;
}

function Shelf({ title, sets, none, onChange }: ShelfProps) {
  if (sets.length === 0 && !none) return null;
  return (
    <section className={classes.shelf} aria-label={title}>
      <h2>{title}</h2>
      {sets.length === 0 && <p className={classes.none}>{none}</p>}
      <div className={classes.cards}>
        {sets.map((info) => (
          <Card key={info.id} info={info} onChange={onChange} />
        ))}
      </div>
    </section>
  );
}

/** Pictures on the card of a set of pictures. */
const SHOWN = 4;
/** Some pictures of a set of pictures, from all over it. */
const shown = (count: number) =>
  Array.from({ length: Math.min(SHOWN, count) }, (_, n) => Math.floor((n * count) / SHOWN));

function Card({ info, onChange }: { info: DataSetInfo; onChange: () => void }) {
  const { t } = useTranslation("data");
  const [refused, setRefused] = useState("");
  const { id, kind, count, here, share } = info;
  return (
    <article className={classes.card} data-testid={`data-${id}`}>
      <div className={classes.look} aria-hidden>
        {kind === "images" && here ? (
          shown(count).map((row) => <img key={row} src={pictureOf(id, row)} alt="" loading="lazy" />)
        ) : (
          <KindIcon kind={kind} size={26} />
        )}
      </div>
      <div className={classes.words}>
        <h3>
          {here ? (
            <a
              href={`/data/${id}`}
              onClick={(event) => {
                event.preventDefault();
                go(`/data/${id}`);
              }}
            >
              {info.title}
            </a>
          ) : (
            info.title
          )}
        </h3>
        <p className={classes.small}>
          {t(`count.${kind}`, { count, exact: amount(count) })}
          {info.bytes > 0 && ` · ${memory(info.bytes)}`}
          {info.generated && ` · ${t("generated")}`}
        </p>
        {info.sentence && <p className={classes.sentence}>{info.sentence}</p>}
        {info.troubled > 0 && (
          <p className={classes.trouble}>{t("troubled", { count: info.troubled, exact: amount(info.troubled) })}</p>
        )}
        {!here && (
          <>
            {share !== null ? (
              <progress value={share} max={1} aria-label={t("fetching", { title: info.title })} />
            ) : (
              <Button
                size="xs"
                variant="default"
                data-testid={`fetch-${id}`}
                onClick={() =>
                  http.fetchData(id).then(
                    () => onChange(),
                    (error) => setRefused(said(error)),
                  )
                }
              >
                {t("fetch", { size: memory(info.bytes) })}
              </Button>
            )}
            {(refused || info.message) && <p className={classes.trouble}>{refused || info.message}</p>}
          </>
        )}
      </div>
    </article>
  );
}
