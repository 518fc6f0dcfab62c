/** Languages. Every word that a person reads stands in a catalogue under words/, one file a room of the page. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import germanAsk from "./words/de/ask.json";
import germanCheck from "./words/de/check.json";
import germanCurves from "./words/de/curves.json";
import germanMany from "./words/de/many.json";
import germanVerdict from "./words/de/verdict.json";
import ask from "./words/en/ask.json";
import check from "./words/en/check.json";
import type classes from "./words/en/classes.json";
import compare from "./words/en/compare.json";
import curves from "./words/en/curves.json";
import data from "./words/en/data.json";
import dock from "./words/en/dock.json";
import editor from "./words/en/editor.json";
import explain from "./words/en/explain.json";
import gallery from "./words/en/gallery.json";
import type learn from "./words/en/learn.json";
import many from "./words/en/many.json";
import page from "./words/en/page.json";
import runs from "./words/en/runs.json";
import verdict from "./words/en/verdict.json";

export const english = {
  page,
  editor,
  dock,
  explain,
  gallery,
  compare,
  curves,
  data,
  runs,
  many,
  verdict,
  ask,
  check,
} as const;

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "page";
    resources: typeof english & { learn: typeof learn; classes: typeof classes };
  }
}

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];
const KEPT = "chalknet-language";

/** The language that was chosen here before. */
function chosen(): Language {
  try {
    return LANGUAGES.find((language) => language === window.localStorage.getItem(KEPT)) ?? "en";
  } catch {
    // A browser may forbid the page to keep anything.
    return "en";
  }
}

/** What is not written in a language is read in English. */
export function choose(language: Language): void {
  try {
    window.localStorage.setItem(KEPT, language);
  } catch {
    // It holds until the page is left.
  }
  void i18next.changeLanguage(language);
}

export function startWords(): void {
  void i18next.use(initReactI18next).init({
    lng: chosen(),
    fallbackLng: "en",
    ns: Object.keys(english),
    defaultNS: "page",
    resources: {
      en: english,
      de: { ask: germanAsk, check: germanCheck, curves: germanCurves, many: germanMany, verdict: germanVerdict },
    },
    interpolation: { escapeValue: false },
    initAsync: false,
  });
}
