import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { hideAsked, useAsked } from "../state/asked";
import classes from "./asked.module.css";

/** Says that the cards show the sample that somebody asks about, and puts an end to it. */
export function AskedChip() {
  const { t } = useTranslation("ask");
  const what = useAsked((state) => (state.frames.size > 0 ? state.what : ""));
  if (!what) return null;
  return (
    <div className={classes.chip} role="status" data-testid="asked-chip">
      <span>{t("cards.chip", { what })}</span>
      <button
        type="button"
        aria-label={t("cards.off")}
        title={t("cards.off")}
        data-testid="asked-off"
        onClick={() => {
          useAsked.setState({ wanted: false });
          hideAsked();
        }}
      >
        <X size={15} aria-hidden />
      </button>
    </div>
  );
}
