import { Alert, Button, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as http from "../../wire/classes";
import { said } from "../data/sets";
import { useReady } from "../ready";
import { go } from "../router";
import classes from "./classes.module.css";
import { Top } from "./Top";
import "./words";

const WORDS = [0, 1, 2, 3] as const;
/** What a new class keeps its work for; a class can say otherwise, and then its own page does. */
const DAYS = 30;

/** The way in that the QR code leads to: a code, a nickname, and what is kept. */
export function Join({ code }: { code: string }) {
  const { t } = useTranslation("classes");
  useReady(true);
  useEffect(() => {
    document.title = `${t("join.title")} · Chalknet`;
  }, [t]);
  return (
    <div className={classes.page} data-testid="join-page">
      <Top back="/" label={t("home")}>
        <h1>{t("join.title")}</h1>
      </Top>
      <main className={classes.main}>
        <section className={`${classes.panel} ${classes.narrow}`} aria-label={t("join.title")}>
          <Joining code={code} />
          <p className={classes.kept}>{t("join.kept", { days: DAYS })}</p>
        </section>
      </main>
    </div>
  );
}

/** Code and nickname, or code and the words of a return card. */
export function Joining({ code: given }: { code: string }) {
  const { t } = useTranslation("classes");
  const [code, setCode] = useState(given);
  const [name, setName] = useState("");
  const [returning, setReturning] = useState(false);
  const [words, setWords] = useState(["", "", "", ""]);
  const [refused, setRefused] = useState("");
  const [busy, setBusy] = useState(false);
  const ready = code.trim() !== "" && (returning ? words.every((word) => word.trim()) : name.trim() !== "");
  const enter = () => {
    setBusy(true);
    setRefused("");
    const asked = returning ? http.comeBack(code, words) : http.joinClass(code, name.trim());
    asked.then(
      (info) => {
        // The page was made for whoever held this cookie before.
        if (returning) window.location.assign(`/class/${info.id}`);
        else go(`/class/${info.id}`);
      },
      (error) => {
        setRefused(said(error));
        setBusy(false);
      },
    );
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) enter();
      }}
    >
      {returning && <p>{t("join.returnText")}</p>}
      <TextInput
        className={classes.codeField}
        label={t("join.code")}
        maxLength={12}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        data-testid="join-code"
      />
      {returning ? (
        <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
          <legend>{t("join.words")}</legend>
          <div className={classes.fourWords}>
            {WORDS.map((place) => (
              <TextInput
                key={place}
                aria-label={t("join.word", { number: place + 1 })}
                autoComplete="off"
                spellCheck={false}
                maxLength={20}
                value={words[place]}
                onChange={(event) => {
                  const word = event.currentTarget.value;
                  setWords((all) => all.map((each, i) => (i === place ? word : each)));
                }}
                data-testid={`join-word-${place}`}
              />
            ))}
          </div>
        </fieldset>
      ) : (
        <TextInput
          label={t("join.name")}
          description={t("join.nameHint")}
          maxLength={40}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="join-name"
        />
      )}
      {refused && (
        <Alert color="red" role="alert" data-testid="join-refused">
          {refused}
        </Alert>
      )}
      <Button type="submit" size="md" disabled={!ready} loading={busy} data-testid="join-go">
        {t(returning ? "join.return" : "join.go")}
      </Button>
      <button
        type="button"
        className={classes.switch}
        onClick={() => setReturning(!returning)}
        data-testid="join-switch"
      >
        {t(returning ? "join.joining" : "join.returning")}
      </button>
    </form>
  );
}
