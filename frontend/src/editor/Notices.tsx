import { Info, TriangleAlert, X } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { dismiss, type Notice, useBoard } from "../state/board";
import classes from "./notices.module.css";

/** What is said for a moment. */
export function Notices() {
  const notices = useBoard((state) => state.notices);
  return (
    <div className={classes.notices} role="status" aria-live="polite">
      {notices.map((notice) => (
        <One key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function One({ notice: { id, text, tone } }: { notice: Notice }) {
  const { t } = useTranslation("editor");
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), tone === "error" ? 9000 : 3500);
    return () => clearTimeout(timer);
  }, [id, tone]);
  return (
    <div className={classes.notice} data-tone={tone}>
      {tone === "error" ? <TriangleAlert size={16} aria-hidden /> : <Info size={16} aria-hidden />}
      <span>{text}</span>
      <button type="button" aria-label={t("notice.dismiss")} onClick={() => dismiss(id)}>
        <X size={15} aria-hidden />
      </button>
    </div>
  );
}
