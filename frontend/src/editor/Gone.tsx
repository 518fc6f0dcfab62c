import { useTranslation } from "react-i18next";
import { TOO_LONG } from "../wire/socket";
import classes from "./gone.module.css";
import { Mark } from "./Mark";

const WORDS: Record<number, "refused" | "tooLong"> = { 4403: "refused", [TOO_LONG]: "tooLong" };

/** In place of a board that cannot be opened. */
export function Gone({ code }: { code: number }) {
  const { t } = useTranslation("editor");
  const words = WORDS[code] ?? "gone";
  return (
    <main className={classes.gone}>
      <Mark size={44} />
      <h1>{t(`canvas.${words}`)}</h1>
      <p>{t(`canvas.${words}Hint`)}</p>
      <a href="/">{t("bar.home")}</a>
    </main>
  );
}
