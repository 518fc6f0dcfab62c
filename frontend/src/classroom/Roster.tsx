import { ActionIcon, Button, Group, Menu, Modal, TextInput } from "@mantine/core";
import { Ellipsis, Hand } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as http from "../wire/classes";
import type { ClassInfo, ClassMember, ReturnCard } from "../wire/types";
import classes from "./classroom.module.css";
import { spoken } from "./Door";

type Asked =
  | { kind: "rename" | "remove"; member: ClassMember }
  | { kind: "card"; member: ClassMember; card: ReturnCard };

interface RosterProps {
  info: ClassInfo;
  members: readonly ClassMember[];
  onFailed: (error: unknown) => void;
}

/** Who is in the class: who waits first, then whose hand is up, then by name. */
export function Roster({ info, members, onFailed }: RosterProps) {
  const { t, i18n } = useTranslation("classes");
  const [asked, setAsked] = useState<Asked | null>(null);
  const pupils = members.filter(({ role, standing }) => role === "pupil" && standing === "in");
  const waiting = members.filter(({ standing }) => standing === "waiting");
  const teachers = members.filter(({ role }) => role !== "pupil");
  const byName = (a: ClassMember, b: ClassMember) => a.name.localeCompare(b.name, i18n.language, { numeric: true });
  const byHand = (a: ClassMember, b: ClassMember) => (a.hand || Number.MAX_VALUE) - (b.hand || Number.MAX_VALUE);
  const change = (member: ClassMember, what: Parameters<typeof http.changeMember>[2]) =>
    http.changeMember(info.id, member.id, what).catch(onFailed);
  const card = (member: ClassMember) =>
    http.returnCard(info.id, member.id).then((made) => setAsked({ kind: "card", member, card: made }), onFailed);
  return (
    <section className={classes.roster} aria-labelledby="roster">
      <h2 id="roster">{t("roster.title")}</h2>
      <p className={classes.dim} data-testid="here">
        {t("roster.count", { count: pupils.length, here: pupils.filter(({ here }) => here).length })}
      </p>
      {waiting.length > 1 && (
        <Button
          size="xs"
          onClick={() => waiting.forEach((member) => void change(member, { standing: "in" }))}
          data-testid="let-all-in"
        >
          {t("roster.letAll")}
        </Button>
      )}
      {members.length === teachers.length && <p className={classes.dim}>{t("roster.none")}</p>}
      <ul className={classes.people}>
        {waiting.map((member) => (
          <li key={member.id} data-testid={`member-${member.name}`}>
            <b>{member.name}</b>
            <span className={classes.dim}>{t("roster.waits")}</span>
            <Group gap={6}>
              <Button size="xs" onClick={() => void change(member, { standing: "in" })} data-testid="let-in">
                {t("roster.letIn")}
              </Button>
              <Button size="xs" variant="default" onClick={() => void change(member, { standing: "removed" })}>
                {t("roster.turnAway")}
              </Button>
            </Group>
          </li>
        ))}
        {[...pupils.sort((a, b) => byHand(a, b) || byName(a, b)), ...teachers.sort(byName)].map((member) => (
          <li key={member.id} data-testid={`member-${member.name}`}>
            <i
              className={classes.dot}
              data-here={member.here || undefined}
              role="img"
              aria-label={t(member.here ? "roster.here" : "roster.away")}
            />
            <b>{member.name}</b>
            {member.hand > 0 && (
              <Hand size={16} className={classes.hand} role="img" aria-label={t("hands.raised")} data-testid="hand" />
            )}
            {member.role !== "pupil" && <span className={classes.dim}>{t("roster.teaches")}</span>}
            {member.role !== "teacher" && (
              <Menu position="bottom-end" withinPortal>
                <Menu.Target>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t("roster.more", { name: member.name })}
                    data-testid="member-menu"
                  >
                    <Ellipsis size={16} aria-hidden />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => setAsked({ kind: "rename", member })} data-testid="member-rename">
                    {t("roster.rename")}
                  </Menu.Item>
                  <Menu.Item onClick={() => void card(member)} data-testid="member-card">
                    {t("roster.card")}
                  </Menu.Item>
                  {info.role === "teacher" && (
                    <Menu.Item
                      onClick={() => void change(member, { role: member.role === "pupil" ? "helper" : "pupil" })}
                      data-testid="member-helper"
                    >
                      {t(member.role === "pupil" ? "roster.helper" : "roster.pupil")}
                    </Menu.Item>
                  )}
                  <Menu.Item
                    color="red"
                    onClick={() => setAsked({ kind: "remove", member })}
                    data-testid="member-remove"
                  >
                    {t("roster.remove")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </li>
        ))}
      </ul>
      {asked?.kind === "rename" && (
        <Renaming
          member={asked.member}
          onClose={() => setAsked(null)}
          onName={(name) => {
            void change(asked.member, { name });
            setAsked(null);
          }}
        />
      )}
      {asked?.kind === "remove" && (
        <Modal opened onClose={() => setAsked(null)} title={t("roster.removeTitle", { name: asked.member.name })}>
          <p>{t("roster.removeText")}</p>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsked(null)}>
              {t("roster.cancel")}
            </Button>
            <Button
              color="red"
              data-testid="remove-now"
              onClick={() => {
                void change(asked.member, { standing: "removed" });
                setAsked(null);
              }}
            >
              {t("roster.remove").replace(" …", "")}
            </Button>
          </Group>
        </Modal>
      )}
      {asked?.kind === "card" && (
        <Modal opened onClose={() => setAsked(null)} title={t("roster.cardTitle", { name: asked.card.name })}>
          <ol className={classes.words} data-testid="card-words">
            {asked.card.words.map((word, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a word may come twice
              <li key={place}>{word}</li>
            ))}
          </ol>
          {info.code && (
            <p>
              {t("door.code")}: <b>{spoken(info.code)}</b>
            </p>
          )}
          <p className={classes.dim}>{t("roster.cardText", { name: asked.card.name })}</p>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => window.print()}>
              {t("roster.print")}
            </Button>
            <Button onClick={() => setAsked(null)}>{t("roster.close")}</Button>
          </Group>
        </Modal>
      )}
    </section>
  );
}

function Renaming({
  member,
  onClose,
  onName,
}: {
  member: ClassMember;
  onClose: () => void;
  onName: (name: string) => void;
}) {
  const { t } = useTranslation("classes");
  const [name, setName] = useState(member.name);
  return (
    <Modal opened onClose={onClose} title={t("roster.renameTitle", { name: member.name })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) onName(name.trim());
        }}
      >
        <TextInput
          data-autofocus
          label={t("join.name")}
          maxLength={40}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="new-name"
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            {t("roster.cancel")}
          </Button>
          <Button type="submit" disabled={!name.trim()}>
            {t("roster.save")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
