import { Button } from "@mantine/core";
import { ArrowLeft, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { amount, memory } from "../../graph/amount";
import * as http from "../../wire/http";
import type { AboutData } from "../../wire/types";
import { useReady } from "../ready";
import { go } from "../router";
import { Arrays, Text } from "./Arrays";
import { Columns } from "./Columns";
import classes from "./data.module.css";
import { asTaken, columnsChosen, type Parts, partsOf } from "./kinds";
import { boardFor } from "./newBoard";
import { Pictures } from "./Pictures";
import { said, useAnswer } from "./sets";

/** One data set: what is in it, what could not be taken in, and the way onto a board. */
export function DataSetPage({ id }: { id: string }) {
  const { t } = useTranslation("data");
  const { answer, failed } = useAnswer(() => http.dataSet(id), id);
  const [title, setTitle] = useState<string | null>(null);
  const [parts, setParts] = useState<Parts | null>(null);
  const [refused, setRefused] = useState("");
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  useReady(answer !== null || failed !== null);
  const shown = title ?? answer?.info.title ?? "";
  useEffect(() => {
    document.title = `${shown || t("title")} · Chalknet`;
  }, [t, shown]);
  const about = answer?.about ?? null;
  const info = answer?.info;
  const chosen = about?.kind === "table" ? (parts ?? partsOf(about)) : null;
  const missing = chosen && columnsChosen(chosen).target.length === 0;

  const make = async () => {
    if (!answer) return;
    setBusy(true);
    setRefused("");
    try {
      const catalogue = await http.layers();
      const layer = catalogue.layers.find(({ type }) => type === answer.info.layer);
      const names = layer?.fields.map(({ name }) => name) ?? [];
      const board = await http.createBoard({
        document: boardFor(
          answer,
          chosen && about
            ? {
                ...columnsChosen(chosen),
                ...answerOf(about, chosen),
                columns: about.columns.map((column) => asTaken(column, chosen.as[column.name], about.count)),
                as: chosen.as,
                missing: chosen.missing,
              }
            : null,
          names,
        ),
      });
      go(`/b/${board.id}`);
    } catch (error) {
      setRefused(said(error));
      setBusy(false);
    }
  };
  const rename = () => {
    const next = title?.trim();
    if (!next || !info || next === info.title) return;
    http.renameData(id, next).catch((error) => setRefused(said(error)));
  };
  const remove = () =>
    http.deleteData(id).then(
      () => go("/data"),
      (error) => setRefused(said(error)),
    );
  return (
    <div className={classes.page} data-testid="data-set">
      <header className={classes.top}>
        <a
          href="/data"
          className={classes.back}
          aria-label={t("all")}
          title={t("all")}
          onClick={(event) => {
            event.preventDefault();
            go("/data");
          }}
        >
          <ArrowLeft size={18} aria-hidden />
        </a>
        {info?.mine ? (
          <input
            className={classes.title}
            value={shown}
            maxLength={120}
            aria-label={t("name")}
            data-testid="data-title"
            onChange={(event) => setTitle(event.currentTarget.value)}
            onBlur={rename}
            onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
          />
        ) : (
          <h1>{shown}</h1>
        )}
        {info?.mine &&
          (sure ? (
            <Button size="sm" color="red" onClick={() => void remove()} onBlur={() => setSure(false)} autoFocus>
              {t("deleteSure")}
            </Button>
          ) : (
            <button
              type="button"
              className={classes.plain}
              aria-label={t("delete")}
              title={t("delete")}
              onClick={() => setSure(true)}
            >
              <Trash2 size={17} aria-hidden />
            </button>
          ))}
        {about && (
          <Button loading={busy} disabled={Boolean(missing)} onClick={() => void make()} data-testid="use-data">
            {t("use")}
          </Button>
        )}
      </header>
      <main className={classes.main}>
        {(failed ?? refused) && (
          <p className={classes.alert} role="alert">
            {failed ?? refused}
          </p>
        )}
        {info && (
          <p className={classes.facts}>
            {t(`count.${info.kind}`, { count: info.count, exact: amount(info.count) })}
            {(about?.bytes ?? info.bytes) > 0 && ` · ${memory(about?.bytes ?? info.bytes)}`}
            {about && about.tested > 0 && ` · ${t("tested", { exact: amount(about.tested) })}`}
            {info.generated && ` · ${t("generated")}`}
          </p>
        )}
        {info?.sentence && <p className={classes.sentence}>{info.sentence}</p>}
        {about && about.notes.length > 0 && (
          <ul className={classes.notes}>
            {about.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        {about && about.troubled > 0 && (
          <section className={classes.troubles} data-testid="troubles">
            <h2>{t("troubled", { count: about.troubled, exact: amount(about.troubled) })}</h2>
            <ul>
              {about.troubles.map(({ place, message }) => (
                <li key={`${place} ${message}`}>
                  <b className="mono">{place}</b> {message}
                </li>
              ))}
            </ul>
            {about.troubled > about.troubles.length && (
              <p>{t("moreTroubles", { exact: amount(about.troubled - about.troubles.length) })}</p>
            )}
          </section>
        )}
        {about?.kind === "table" && chosen && <Columns id={id} about={about} parts={chosen} onChange={setParts} />}
        {about?.kind === "images" && <Pictures id={id} about={about} />}
        {about?.kind === "text" && <Text id={id} />}
        {about?.kind === "arrays" && <Arrays id={id} about={about} />}
      </main>
    </div>
  );
}

/** Whether what is to be told is classes, and how many. */
function answerOf(about: AboutData, parts: Parts) {
  const plain = about.columns.find(({ name }) => parts.of[name] === "wanted");
  const target = plain && asTaken(plain, parts.as[plain.name], about.count);
  const several = Object.values(parts.of).filter((part) => part === "wanted").length > 1;
  const named = target && target.names.length > 0 && !several;
  const few = named && (target.kind === "category" || target.distinct <= 20);
  const classes = named && (parts.task === "classes" || (parts.task === "auto" && few)) ? target.names.length : 0;
  return { classes, task: parts.task };
}
