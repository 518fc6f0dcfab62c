import { useTranslation } from "react-i18next";
import classes from "./gone.module.css";
import { Mark } from "./Mark";

/** In place of a board that cannot be opened. */
export function Gone({ code }: { code: number }) {
  const { t } = useTranslation("editor");
  const refused = code === 4403;
  return (
    <main className={classes.gone}>
      <Mark size={44} />
      <h1>{t(refused ? "canvas.refused" : "canvas.gone")}</h1>
      <p>{t(refused ? "canvas.refusedHint" : "canvas.goneHint")}</p>
      <a href="/">{t("bar.home")}</a>
    </main>
  );
}
