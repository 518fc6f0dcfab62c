import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ClassInfo } from "../wire/types";
import classes from "./classroom.module.css";
import { joinAddress, joinLink, spoken } from "./Door";
import { Qr } from "./Qr";

/** The code on the whole screen, to be read from the last row. */
export function Projector({ info, here, onClose }: { info: ClassInfo; here: string; onClose: () => void }) {
  const { t } = useTranslation("classes");
  return (
    <Modal
      opened
      onClose={onClose}
      fullScreen
      title={info.title}
      closeButtonProps={{ "aria-label": t("door.closeProjector") }}
    >
      <div className={classes.projector} data-testid="projector">
        <div>
          <p className={classes.step}>{t("door.step1", { address: joinAddress() })}</p>
          <p className={classes.step}>{t("door.step2")}</p>
          <p className={classes.huge}>{spoken(info.code)}</p>
          <p className={classes.step} aria-live="polite">
            {here}
          </p>
        </div>
        <Qr address={joinLink(info.code)} size={320} label={t("door.qr", { address: joinAddress() })} />
      </div>
    </Modal>
  );
}
