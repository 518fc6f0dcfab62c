import { ActionIcon, Alert, Button, Group, Menu, Modal } from "@mantine/core";
import { Ellipsis, Pause, Play, Send } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Door } from "../../classroom/Door";
import { HandOut } from "../../classroom/HandOut";
import { Projector } from "../../classroom/Projector";
import { Roster } from "../../classroom/Roster";
import { Wall } from "../../classroom/Wall";
import { useClassroom } from "../../state/classroom";
import * as http from "../../wire/classes";
import { boards as askBoards, gallery as askGallery } from "../../wire/http";
import type { ClassInfo, Handout, Revision } from "../../wire/types";
import { said, useAnswer } from "../data/sets";
import { ago } from "../gallery/ago";
import { go } from "../router";
import classes from "./classes.module.css";
import { Top } from "./Top";

/** How often the wall's times of day are told anew. */
const TICK = 20_000;

type Asked = { kind: "hand" | "end" } | { kind: "back" | "change"; handout: Handout };

/** The teacher's class: the door, who is here, what was handed out, the wall. */
export function Desk({ info, lost }: { info: ClassInfo; lost: ReactNode }) {
  const { t, i18n } = useTranslation("classes");
  const members = useClassroom((state) => state.members);
  const cards = useClassroom((state) => state.cards);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [projected, setProjected] = useState(false);
  const [refused, setRefused] = useState("");
  const [told, setTold] = useState<Revision | null>(null);
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), TICK);
    return () => clearInterval(timer);
  }, []);
  const failed = (error: unknown) => setRefused(said(error));
  const change = (values: http.ClassChange) => void http.changeClass(info.id, values).catch(failed);
  const all = [...members.values()];
  const pupils = all.filter(({ role, standing }) => role === "pupil" && standing === "in");
  const here = t("roster.count", { count: pupils.length, here: pupils.filter((each) => each.here).length });
  const made = (handout: string) => [...cards.values()].filter((card) => card.handout === handout).length;
  return (
    <>
      <Top back="/classes" label={t("back")}>
        <h1 hidden>{info.title}</h1>
        <input
          className={classes.title}
          key={info.title}
          defaultValue={info.title}
          maxLength={80}
          aria-label={t("class.rename")}
          onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
          onBlur={(event) => {
            const title = event.currentTarget.value.trim();
            if (title && title !== info.title) change({ title });
            else event.currentTarget.value = info.title;
          }}
        />
        <Button
          leftSection={<Send size={16} aria-hidden />}
          onClick={() => setAsked({ kind: "hand" })}
          data-testid="hand-out"
        >
          {t("handouts.new")}
        </Button>
        <Button
          variant={info.frozen ? "filled" : "default"}
          color={info.frozen ? "red" : undefined}
          leftSection={info.frozen ? <Play size={16} aria-hidden /> : <Pause size={16} aria-hidden />}
          title={t("frozen.hint")}
          aria-pressed={info.frozen}
          onClick={() => change({ frozen: !info.frozen })}
          data-testid="freeze"
        >
          {t(info.frozen ? "frozen.thaw" : "frozen.freeze")}
        </Button>
        {info.role === "teacher" && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("class.end")} data-testid="class-menu">
                <Ellipsis size={18} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{t("class.keep", { days: info.keep_days })}</Menu.Label>
              <Menu.Item color="red" onClick={() => setAsked({ kind: "end" })} data-testid="end-class">
                {t("class.end")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Top>
      {lost}
      {refused && (
        <Alert color="red" role="alert" withCloseButton onClose={() => setRefused("")} m="md" mb={0}>
          {refused}
        </Alert>
      )}
      {info.spotlight && (
        <p className={classes.banner} role="status" data-testid="lit">
          {t("light.on", { title: info.spotlight.by || info.spotlight.title })}{" "}
          <Button size="compact-sm" variant="default" onClick={() => void http.darken(info.id).catch(failed)}>
            {t("light.off")}
          </Button>
        </p>
      )}
      {told && (
        <Alert role="status" withCloseButton onClose={() => setTold(null)} m="md" mb={0} data-testid="revision">
          {t("handouts.changed", { count: told.boards })} {told.kept > 0 && t("handouts.kept", { count: told.kept })}{" "}
          {told.refused > 0 && t("handouts.refused", { count: told.refused })}
        </Alert>
      )}
      <main className={classes.desk}>
        <div className={classes.side}>
          <div className={classes.panel}>
            <Door info={info} onChange={change} onProject={() => setProjected(true)} />
          </div>
          <div className={classes.panel}>
            <Roster info={info} members={all} onFailed={failed} />
          </div>
          <section className={`${classes.panel} ${classes.handouts}`} aria-labelledby="handed">
            <h2 id="handed">{t("handouts.title")}</h2>
            {info.handouts.length === 0 && <p>{t("handouts.none")}</p>}
            <ul>
              {info.handouts.map((handout) => (
                <li key={handout.id}>
                  <span>{handout.title || t("handouts.untitled")}</span>
                  <small>{t(`handouts.kind.${handout.kind}`)}</small>
                  <Menu position="bottom-end" withinPortal>
                    <Menu.Target>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={t("handouts.more", { title: handout.title || t("handouts.untitled") })}
                        data-testid="handout-menu"
                      >
                        <Ellipsis size={16} aria-hidden />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item onClick={() => setAsked({ kind: "change", handout })} data-testid="handout-change">
                        {t("handouts.change")}
                      </Menu.Item>
                      <Menu.Item
                        color="red"
                        onClick={() => setAsked({ kind: "back", handout })}
                        data-testid="handout-back"
                      >
                        {t("handouts.takeBack")}
                      </Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                </li>
              ))}
            </ul>
          </section>
        </div>
        <Wall
          info={info}
          members={members}
          cards={cards}
          ago={(then) => ago(then, now, i18n.language)}
          onOpen={(board) => go(`/b/${board}`)}
          onLight={(board, named) =>
            void (board ? http.light(info.id, board, named) : http.darken(info.id)).catch(failed)
          }
        />
      </main>
      {projected && info.code && <Projector info={info} here={here} onClose={() => setProjected(false)} />}
      {(asked?.kind === "hand" || asked?.kind === "change") && (
        <Giving
          info={info}
          handout={asked.kind === "change" ? asked.handout : null}
          onClose={() => setAsked(null)}
          onDone={(revision) => {
            setAsked(null);
            setTold(revision);
          }}
          onFailed={failed}
        />
      )}
      {asked?.kind === "back" && (
        <Sure
          title={t("handouts.takeBackTitle", { title: asked.handout.title || t("handouts.untitled") })}
          text={t("handouts.takeBackText", { count: made(asked.handout.id) })}
          act={t("handouts.takeBack").replace(" …", "")}
          onClose={() => setAsked(null)}
          onAct={() => void http.takeBack(info.id, asked.handout.id).catch(failed)}
        />
      )}
      {asked?.kind === "end" && (
        <Sure
          title={t("class.endTitle")}
          text={t("class.endText")}
          act={t("class.end").replace(" …", "")}
          onClose={() => setAsked(null)}
          onAct={() => void http.endClass(info.id).then(() => go("/classes"), failed)}
        />
      )}
    </>
  );
}

function Giving({
  info,
  handout,
  onClose,
  onDone,
  onFailed,
}: {
  info: ClassInfo;
  handout: Handout | null;
  onClose: () => void;
  onDone: (revision: Revision | null) => void;
  onFailed: (error: unknown) => void;
}) {
  const members = useClassroom((state) => state.members);
  const { answer } = useAnswer(() => Promise.all([askBoards(), askGallery()]), "");
  if (!answer) return null;
  const pupils = [...members.values()].filter(({ role, standing }) => role === "pupil" && standing === "in");
  return (
    <HandOut
      klass={info.id}
      pupils={pupils}
      boards={answer[0]}
      gallery={answer[1]}
      handout={handout}
      onClose={onClose}
      onDone={onDone}
      onFailed={(error) => {
        onClose();
        onFailed(error);
      }}
    />
  );
}

/** What cannot be undone is asked once more. */
function Sure(props: { title: string; text: string; act: string; onClose: () => void; onAct: () => void }) {
  const { t } = useTranslation("classes");
  return (
    <Modal opened onClose={props.onClose} title={props.title}>
      <p>{props.text}</p>
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onClose}>
          {t("roster.cancel")}
        </Button>
        <Button
          color="red"
          data-testid="sure"
          onClick={() => {
            props.onAct();
            props.onClose();
          }}
        >
          {props.act}
        </Button>
      </Group>
    </Modal>
  );
}
