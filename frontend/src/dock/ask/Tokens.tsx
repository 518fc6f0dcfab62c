import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ask.module.css";
import { ofCharacters, read } from "./tokens";

interface TokensProps {
  /** The vocabulary. */
  names: readonly string[];
  /** The most that a sequence holds. */
  length: number;
  /** Null where what is typed cannot be asked. */
  onTyped: (tokens: number[] | null) => void;
}

/** Tokens that are shown to be chosen; of a larger vocabulary the first. */
const MOST = 60;

/** A text in the tokens that the network knows. */
export function Tokens({ names, length, onTyped }: TokensProps) {
  const { t } = useTranslation("ask");
  const [text, setText] = useState("");
  const { tokens, unknown } = read(text, names);
  const long = tokens.length > length;
  const type = (next: string) => {
    setText(next);
    const found = read(next, names);
    const fine = found.unknown.length === 0 && found.tokens.length > 0 && found.tokens.length <= length;
    onTyped(fine ? found.tokens : null);
  };
  const gap = ofCharacters(names) ? "" : " ";
  return (
    <div className={classes.tokens}>
      <textarea
        value={text}
        rows={2}
        spellCheck={false}
        aria-label={t("tokens.field")}
        aria-invalid={unknown.length > 0 || long}
        data-testid="ask-text"
        onChange={(event) => type(event.currentTarget.value)}
      />
      {unknown.length > 0 ? (
        <p className={classes.problem} role="alert" data-testid="ask-unknown">
          {t("tokens.unknown", {
            count: unknown.length,
            tokens: unknown
              .slice(0, 6)
              .map((each) => `“${each}”`)
              .join(", "),
          })}
        </p>
      ) : long ? (
        <p className={classes.problem} role="alert">
          {t("tokens.long", { count: tokens.length, most: length })}
        </p>
      ) : (
        <p className={classes.says}>{t("tokens.most", { count: tokens.length, most: length })}</p>
      )}
      <fieldset className={classes.vocabulary} aria-label={t("tokens.known", { count: names.length - 1 })}>
        {names.slice(1, MOST + 1).map((name, at) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place
            key={at}
            type="button"
            data-testid={`ask-token-${at + 1}`}
            onClick={() => type(text === "" ? name : text + gap + name)}
          >
            {name}
          </button>
        ))}
        {names.length - 1 > MOST && <span>{t("tokens.more", { count: names.length - 1 - MOST })}</span>}
      </fieldset>
    </div>
  );
}
