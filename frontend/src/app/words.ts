/** Languages. Every word that a person reads stands in a catalogue under words/, one file a room of the page. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import compare from "./words/en/compare.json";
import data from "./words/en/data.json";
import dock from "./words/en/dock.json";
import editor from "./words/en/editor.json";
import explain from "./words/en/explain.json";
import gallery from "./words/en/gallery.json";
import many from "./words/en/many.json";
import page from "./words/en/page.json";
import runs from "./words/en/runs.json";

export const english = { page, editor, dock, explain, gallery, compare, data, runs, many } as const;

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "page";
    resources: typeof english;
  }
}

export function startWords(): void {
  void i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    ns: Object.keys(english),
    defaultNS: "page",
    resources: { en: english },
    interpolation: { escapeValue: false },
    initAsync: false,
  });
}
