import { Hand, Lightbulb, Pause, Users } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { openClassroom, raiseHand, useClassroom } from "../../state/classroom";
import type { ClassInfo } from "../../wire/types";
import { go } from "../router";
import classes from "./classBar.module.css";
import { useSpotlight } from "./spotlight";
import "./words";

/** On a board that was handed out: the way back to the class, one's hand, and that all stands still. */
export function ClassBar({ id }: { id: string }) {
  const { t } = useTranslation("classes");
  useEffect(() => openClassroom(id), [id]);
  const info = useClassroom((state) => state.info);
  const hand = useClassroom((state) => (state.members.get(state.you)?.hand ?? 0) > 0);
  if (info?.id !== id) return null;
  return (
    <>
      <Following info={info} />
      <a
        className={classes.chip}
        href={`/class/${id}`}
        title={t("toClass", { title: info.title })}
        aria-label={t("toClass", { title: info.title })}
        data-testid="to-class"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          go(`/class/${id}`);
        }}
      >
        <Users size={14} aria-hidden />
        <span>{info.title}</span>
      </a>
      {info.role === "pupil" && (
        <button
          type="button"
          className={classes.chip}
          aria-pressed={hand}
          aria-label={t(hand ? "hands.down" : "hands.up")}
          title={t(hand ? "hands.down" : "hands.up")}
          onClick={() => raiseHand(!hand)}
          data-testid="raise-hand"
        >
          <Hand size={15} aria-hidden />
        </button>
      )}
      {info.frozen && (
        <span className={classes.frozen} role="status" data-testid="frozen">
          <Pause size={14} aria-hidden />
          <span>{t(info.role === "pupil" ? "frozen.pupil" : "frozen.now")}</span>
        </span>
      )}
    </>
  );
}

/** On a pupil's screen: the board that is lit, by whose name, and the way there and back. */
function Following({ info }: { info: ClassInfo }) {
  const { t } = useTranslation("classes");
  useSpotlight(info);
  if (info.role !== "pupil" || !info.spotlight) return null;
  return (
    <span className={classes.frozen} role="status" data-testid="lit">
      <Lightbulb size={14} aria-hidden />
      <span>{info.spotlight.by ? t("light.of", { name: info.spotlight.by }) : t("light.look")}</span>
    </span>
  );
}
