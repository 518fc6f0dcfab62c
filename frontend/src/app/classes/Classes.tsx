import { Alert, Button, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as http from "../../wire/classes";
import { said, useAnswer } from "../data/sets";
import { useReady } from "../ready";
import { go } from "../router";
import classes from "./classes.module.css";
import { Joining } from "./Join";
import { Top } from "./Top";
import "./words";

/** The classes that one teaches or is in; opening one, and coming into one. */
export function Classes() {
  const { t } = useTranslation("classes");
  const { answer, failed } = useAnswer(http.classes, "");
  const [title, setTitle] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  useReady(answer !== null || failed !== null);
  useEffect(() => {
    document.title = `${t("title")} · Chalknet`;
  }, [t]);
  const open = () => {
    setBusy(true);
    http.newClass(title.trim()).then(
      (info) => go(`/class/${info.id}`),
      (error) => {
        setRefused(said(error));
        setBusy(false);
      },
    );
  };
  return (
    <div className={classes.page} data-testid="classes-page">
      <Top back="/" label={t("home")}>
        <h1>{t("title")}</h1>
      </Top>
      <main className={classes.main}>
        {(failed || refused) && (
          <Alert color="red" role="alert" mb="md">
            {refused || t("failed", { message: failed })}
          </Alert>
        )}
        <div className={classes.two}>
          <section className={classes.panel} aria-labelledby="teach">
            <h2 id="teach">{t("new.title")}</h2>
            <p>{t("new.text")}</p>
            <form
              className={classes.form}
              onSubmit={(event) => {
                event.preventDefault();
                if (title.trim()) open();
              }}
            >
              <TextInput
                label={t("new.name")}
                placeholder={t("new.example")}
                maxLength={80}
                value={title}
                onChange={(event) => setTitle(event.currentTarget.value)}
                data-testid="class-title"
              />
              <Button type="submit" disabled={!title.trim()} loading={busy} data-testid="open-class">
                {t("new.make")}
              </Button>
            </form>
          </section>
          <section className={classes.panel} aria-labelledby="join">
            <h2 id="join">{t("join.title")}</h2>
            <p>{t("join.text")}</p>
            <Joining code="" />
          </section>
        </div>
        <h2 className={classes.heading}>{t("mine")}</h2>
        {answer?.length === 0 && <p className={classes.none}>{t("none")}</p>}
        <ul className={classes.list}>
          {answer?.map((info) => (
            <li key={info.id}>
              <a
                href={`/class/${info.id}`}
                onClick={(event) => {
                  event.preventDefault();
                  go(`/class/${info.id}`);
                }}
              >
                {info.title}
                <span>{t(`role.${info.role}`)}</span>
              </a>
            </li>
          ))}
        </ul>
      </main>
    </div>
  );
}
