import { Button, Menu, Switch } from "@mantine/core";
import { Ellipsis, Presentation } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ClassInfo } from "../wire/types";
import classes from "./classroom.module.css";
import { Qr } from "./Qr";

export const HOURS = 12;

/** Where pupils type the code, as one would say it aloud. */
export const joinAddress = (): string => `${window.location.host}/join`;
export const joinLink = (code: string): string => `${window.location.origin}/join/${code}`;

/** ABC DEF: six letters are read in two threes. */
export const spoken = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`;

interface DoorProps {
  info: ClassInfo;
  onChange: (change: { locked?: boolean; by_hand?: boolean; code_hours?: number }) => void;
  onProject: () => void;
}

/** The code on the wall, and who it lets in. */
export function Door({ info, onChange, onProject }: DoorProps) {
  const { t, i18n } = useTranslation("classes");
  const ends = new Date(info.code_ends * 1000);
  const today = ends.toDateString() === new Date().toDateString();
  const until = ends.toLocaleString(i18n.language, { timeStyle: "short", dateStyle: today ? undefined : "medium" });
  return (
    <section className={classes.door} aria-labelledby="door">
      <h2 id="door">{t("door.title")}</h2>
      {info.code ? (
        <div className={classes.codeLine}>
          <div>
            <p className={classes.code} data-testid="class-code">
              {spoken(info.code)}
            </p>
            <p className={classes.dim}>
              {t("door.at", { address: joinAddress() })}
              <br />
              {t("door.until", { time: until })}
            </p>
          </div>
          <Qr address={joinLink(info.code)} size={104} label={t("door.qr", { address: joinAddress() })} />
        </div>
      ) : (
        <p className={classes.dim} data-testid="no-code">
          {t("door.noCode")}
        </p>
      )}
      <div className={classes.row}>
        {info.code && (
          <Button leftSection={<Presentation size={16} aria-hidden />} onClick={onProject} data-testid="project">
            {t("door.project")}
          </Button>
        )}
        {!info.code && (
          <Button onClick={() => onChange({ code_hours: HOURS })} data-testid="new-code">
            {t("door.new")}
          </Button>
        )}
        {info.code && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <Button variant="default" aria-label={t("door.code")} px={10} data-testid="code-menu">
                <Ellipsis size={16} aria-hidden />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                onClick={() => onChange({ code_hours: HOURS })}
                title={t("door.newHint")}
                data-testid="new-code"
              >
                {t("door.new")}
              </Menu.Item>
              <Menu.Item onClick={() => onChange({ code_hours: 0 })} data-testid="drop-code">
                {t("door.none")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <Switch
        label={t("door.locked")}
        checked={info.locked}
        onChange={(event) => onChange({ locked: event.currentTarget.checked })}
        data-testid="locked"
      />
      <Switch
        label={t("door.byHand")}
        checked={info.by_hand}
        onChange={(event) => onChange({ by_hand: event.currentTarget.checked })}
        data-testid="by-hand"
      />
    </section>
  );
}
