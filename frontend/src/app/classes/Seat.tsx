import { Button, Group, Modal } from "@mantine/core";
import { Hand } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { raiseHand, useClassroom } from "../../state/classroom";
import * as http from "../../wire/classes";
import type { ClassInfo } from "../../wire/types";
import { go } from "../router";
import classes from "./classes.module.css";
import { useSpotlight } from "./spotlight";
import { Top } from "./Top";

/** A pupil's class: the boards that they were given, and a hand to raise. */
export function Seat({ info, you, lost }: { info: ClassInfo; you: string; lost: ReactNode }) {
  const { t } = useTranslation("classes");
  const hand = useClassroom((state) => (state.members.get(you)?.hand ?? 0) > 0);
  const name = useClassroom((state) => state.members.get(you)?.name ?? "");
  const [leaving, setLeaving] = useState(false);
  useSpotlight(info);
  return (
    <>
      <Top back="/classes" label={t("back")}>
        <h1>{info.title}</h1>
        <span>{name}</span>
        <Button
          variant={hand ? "filled" : "default"}
          leftSection={<Hand size={16} aria-hidden />}
          aria-pressed={hand}
          onClick={() => raiseHand(!hand)}
          data-testid="raise-hand"
        >
          {t(hand ? "hands.down" : "hands.up")}
        </Button>
      </Top>
      {lost}
      {info.frozen && (
        <p className={classes.banner} role="status" data-testid="frozen">
          {t("frozen.pupil")}
        </p>
      )}
      <main className={classes.main}>
        <h2 className={classes.heading} style={{ marginTop: 0 }}>
          {t("boards.title")}
        </h2>
        {info.handouts.length === 0 && (
          <p className={classes.none} role="status">
            {t("boards.none")}
          </p>
        )}
        <ul className={classes.list}>
          {info.handouts.map((handout) => (
            <li key={handout.id}>
              <a
                href={`/b/${handout.board}`}
                data-testid="my-board"
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                  event.preventDefault();
                  go(`/b/${handout.board}`);
                }}
              >
                {handout.title || t("handouts.untitled")}
                {handout.kind !== "own" && (
                  <span>{handout.kind === "one" ? t("boards.all") : t("boards.group", { name: handout.group })}</span>
                )}
              </a>
            </li>
          ))}
        </ul>
        <button type="button" className={classes.switch} style={{ marginTop: 32 }} onClick={() => setLeaving(true)}>
          {t("leave")}
        </button>
      </main>
      {leaving && (
        <Modal opened onClose={() => setLeaving(false)} title={t("leave")}>
          <p>{t("leaveText")}</p>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setLeaving(false)}>
              {t("roster.cancel")}
            </Button>
            <Button color="red" onClick={() => void http.leaveClass(info.id).finally(() => go("/classes"))}>
              {t("leave")}
            </Button>
          </Group>
        </Modal>
      )}
    </>
  );
}
