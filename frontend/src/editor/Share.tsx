import { Popover } from "@mantine/core";
import { Check, Copy, Download, Share2 } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { notify, useBoard } from "../state/board";
import { exportAddress, share } from "../wire/http";
import type { LinkRole } from "../wire/types";
import classes from "./bar.module.css";

const ROLES: readonly LinkRole[] = ["editor", "viewer", "none"];

/** The link, what it allows, and the board as PyTorch. */
export function Share() {
  const { t } = useTranslation("editor");
  const info = useBoard((state) => state.info);
  const [copied, setCopied] = useState(false);
  const name = useId();
  if (!info) return null;
  const link = `${window.location.origin}/b/${info.id}`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      notify(t("notice.noClipboard"), "error");
    }
  };
  const allow = async (role: LinkRole) => {
    try {
      useBoard.setState({ info: await share(info.id, role) });
    } catch (error) {
      notify(error instanceof Error ? error.message : String(error), "error");
    }
  };
  return (
    <Popover position="bottom-end" shadow="md" width={330} withArrow trapFocus>
      <Popover.Target>
        <button type="button" className={classes.share} data-testid="share" aria-label={t("share.button")}>
          <Share2 size={16} aria-hidden />
          <span>{t("share.button")}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes.sheet}>
        <h2>{t("share.title")}</h2>
        <div className={classes.link}>
          <input readOnly value={link} aria-label={t("share.link")} onFocus={(event) => event.currentTarget.select()} />
          <button type="button" className={classes.add} onClick={() => void copy()} data-testid="copy-link">
            {copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
            {t(copied ? "share.copied" : "share.copy")}
          </button>
        </div>
        {info.role === "owner" ? (
          <fieldset className={classes.roles}>
            <legend>{t("share.role")}</legend>
            {ROLES.map((role) => (
              <label key={role} className={classes.role}>
                <input
                  type="radio"
                  name={name}
                  checked={info.link_role === role}
                  data-testid={`link-${role}`}
                  onChange={() => void allow(role)}
                />
                <span>
                  <b>{t(`share.${role}`)}</b>
                  <small>{t(`share.${role}Hint`)}</small>
                </span>
              </label>
            ))}
          </fieldset>
        ) : (
          <p className={classes.note}>{t("share.ownerOnly")}</p>
        )}
        <a className={classes.download} href={exportAddress(info.id)} download data-testid="export">
          <Download size={17} aria-hidden />
          <span>
            {t("share.export")}
            <small>{t("share.exportHint")}</small>
          </span>
        </a>
      </Popover.Dropdown>
    </Popover>
  );
}
