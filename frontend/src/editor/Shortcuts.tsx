import { Modal } from "@mantine/core";
import { X } from "lucide-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { keyName } from "./keys";
import classes from "./shortcuts.module.css";

const useSheet = create<{ open: boolean }>(() => ({ open: false }));

export const openShortcuts = (): void => useSheet.setState({ open: true });

const close = (): void => useSheet.setState({ open: false });

const KEYS = {
  add: [
    [["/", "mod+K"], "quick"],
    [["mod+C", "mod+X", "mod+V"], "paste"],
    [["mod+D"], "duplicate"],
  ],
  edit: [
    [["mod+Z", "mod+shift+Z"], "undo"],
    [["⌫"], "delete"],
    [["mod+A"], "all"],
    [["mod+G", "mod+shift+G"], "group"],
    [["M", "B"], "ablate"],
    [["T"], "freeze"],
    [["shift+Click"], "several"],
    [["←", "↑", "→", "↓"], "nudge"],
    [["Esc"], "escape"],
  ],
  view: [
    [["F"], "fit"],
    [["L"], "layout"],
    [["U"], "unfold"],
    [["Space"], "pan"],
    [["Enter"], "open"],
    [["?"], "shortcuts"],
  ],
} as const;

/** All keys on one sheet. */
export function Shortcuts() {
  const { t } = useTranslation("editor");
  const open = useSheet((state) => state.open);
  return (
    <Modal.Root opened={open} onClose={close} size={620} centered>
      <Modal.Overlay />
      <Modal.Content aria-label={t("keys.title")} className={classes.sheet}>
        <div className={classes.head}>
          <h2>{t("keys.title")}</h2>
          <button type="button" aria-label={t("keys.close")} onClick={close}>
            <X size={18} aria-hidden />
          </button>
        </div>
        <div className={classes.groups}>
          {(Object.keys(KEYS) as (keyof typeof KEYS)[]).map((group) => (
            <section key={group}>
              <h3>{t(`keys.groups.${group}`)}</h3>
              <dl>
                {KEYS[group].map(([keys, name]) => (
                  <div key={name}>
                    <dt>
                      {keys.map((each, at) => (
                        <Fragment key={each}>
                          {at > 0 && " "}
                          <kbd>{keyName(each)}</kbd>
                        </Fragment>
                      ))}
                    </dt>
                    <dd>{t(`keys.${name}`)}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}
