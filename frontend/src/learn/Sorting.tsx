/** Things to be sorted into places: each answer is judged at once, with the reason. */
import { Check, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Verdict } from "./parts";
import classes from "./sorting.module.css";

export interface Sorted<P extends string> {
  key: string;
  text: string;
  place: P;
  /** Why it belongs there. */
  why: string;
}

interface SortingProps<P extends string> {
  places: readonly { value: P; title: string }[];
  things: readonly Sorted<P>[];
}

export function Sorting<P extends string>({ places, things }: SortingProps<P>) {
  const { t } = useTranslation("learn");
  const [said, setSaid] = useState<Readonly<Record<string, P>>>({});
  const right = things.filter(({ key, place }) => said[key] === place).length;
  return (
    <div className={classes.sorting}>
      {things.map(({ key, text, place, why }) => {
        const answer = said[key];
        const good = answer === place;
        return (
          <fieldset key={key} className={classes.thing} data-good={answer === undefined ? undefined : good}>
            <legend>{text}</legend>
            <div className={classes.places}>
              {places.map(({ value, title }) => (
                <button
                  key={value}
                  type="button"
                  aria-pressed={answer === value}
                  data-testid={`sort-${key}-${value}`}
                  onClick={() => setSaid({ ...said, [key]: value })}
                >
                  {title}
                </button>
              ))}
            </div>
            {answer !== undefined && (
              <p role="status">
                {good ? <Check size={15} aria-hidden /> : <X size={15} aria-hidden />}
                {good ? why : t("parts.wrong")}
              </p>
            )}
          </fieldset>
        );
      })}
      <Verdict mood={right === things.length ? "good" : "plain"}>
        {t("parts.right", { right, all: things.length })}
      </Verdict>
    </div>
  );
}
