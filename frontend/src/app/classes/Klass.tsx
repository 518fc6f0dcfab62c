import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { openClassroom, useClassroom } from "../../state/classroom";
import { useReady } from "../ready";
import { go } from "../router";
import classes from "./classes.module.css";
import { Desk } from "./Desk";
import { Seat } from "./Seat";
import { Top } from "./Top";
import "./words";

/** One class: the teacher's desk, or a pupil's seat. */
export function Klass({ id }: { id: string }) {
  const { t } = useTranslation("classes");
  useEffect(() => openClassroom(id), [id]);
  const { info, ended, connection, you } = useClassroom();
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    if (connection === "open") setOpened(true);
  }, [connection]);
  const here = info?.id === id;
  useReady(here || ended);
  useEffect(() => {
    document.title = `${info?.title ?? t("title")} · Chalknet`;
  }, [info?.title, t]);
  if (ended)
    return (
      <main className="unknown" data-testid="class-ended">
        <h1>{t("ended.title")}</h1>
        <p>{t("ended.text")}</p>
        <a
          href="/classes"
          onClick={(event) => {
            event.preventDefault();
            go("/classes");
          }}
        >
          {t("ended.home")}
        </a>
      </main>
    );
  if (!here) return null;
  const lost = opened && connection !== "open" && (
    <p className={classes.banner} data-kind="offline" role="status">
      {t("offline")}
    </p>
  );
  if (info.standing === "waiting")
    return (
      <div className={classes.page} data-testid="class-waiting">
        <Top back="/classes" label={t("back")}>
          <h1>{info.title}</h1>
        </Top>
        {lost}
        <main className={classes.main}>
          <section className={`${classes.panel} ${classes.narrow}`} role="status">
            <h2>{t("waiting.title")}</h2>
            <p>{t("waiting.text")}</p>
            <Button variant="default" onClick={() => go("/classes")}>
              {t("back")}
            </Button>
          </section>
        </main>
      </div>
    );
  return (
    <div className={classes.page} data-testid="class-page">
      {info.role === "pupil" ? <Seat info={info} you={you} lost={lost} /> : <Desk info={info} lost={lost} />}
    </div>
  );
}
