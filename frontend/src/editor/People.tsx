import { Popover } from "@mantine/core";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { currentPresence } from "../state/board";
import { usePeople } from "../state/people";
import { rename } from "../wire/http";
import type { Person } from "../wire/types";
import classes from "./bar.module.css";
import field from "./field.module.css";

const SHOWN = 3;

const initials = (name: string) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join("");

function Face({ person }: { person: Person }) {
  return (
    <span
      className={classes.face}
      style={{ ["--person" as string]: person.color }}
      data-initials={initials(person.name)}
      aria-hidden
    />
  );
}

/** Who is on the board. One person in several tabs is shown once. */
export function People() {
  const { t } = useTranslation("editor");
  const me = usePeople((state) => state.me);
  const peers = usePeople((state) => state.peers);
  const others = [...new Map(peers.map(({ user }) => [user.id, user])).values()].filter(({ id }) => id !== me?.id);
  const all = me ? [me, ...others] : others;
  if (all.length === 0) return null;
  const more = all.length - SHOWN;
  return (
    <Popover position="bottom-end" shadow="md" width={260} withArrow trapFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes.people}
          aria-label={t("people.list", { count: all.length })}
          data-testid="people"
        >
          {all.slice(0, SHOWN).map((person) => (
            <Face key={person.id} person={person} />
          ))}
          {more > 0 && <span className={classes.face} data-more data-initials={`+${more}`} aria-hidden />}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes.sheet}>
        <h2>{t("people.title")}</h2>
        {me && <OwnName me={me} />}
        <ul>
          {all.map((person) => (
            <li key={person.id} className={classes.person}>
              <Face person={person} />
              {person.id === me?.id ? t("people.you", { name: person.name }) : person.name}
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function OwnName({ me }: { me: Person }) {
  const { t } = useTranslation("editor");
  const id = useId();
  const [draft, setDraft] = useState(me.name);
  const save = async () => {
    const name = draft.trim();
    if (!name || name === me.name) return setDraft(me.name);
    try {
      currentPresence()?.introduce(await rename(name));
    } catch {
      setDraft(me.name);
    }
  };
  return (
    <div className={field.field}>
      <label htmlFor={id} className={field.label}>
        {t("people.name")}
      </label>
      <div className={field.box}>
        <input
          id={id}
          value={draft}
          maxLength={40}
          data-testid="own-name"
          onChange={(event) => setDraft(event.currentTarget.value)}
          onBlur={() => void save()}
          onKeyDown={(event) => {
            if (event.key === "Enter") event.currentTarget.blur();
          }}
        />
      </div>
    </div>
  );
}
