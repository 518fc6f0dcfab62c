import { Button, Group, Modal, NativeSelect, NumberInput, Radio, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as http from "../wire/classes";
import type { BoardInfo, ClassMember, GalleryCard, Handout, HandoutKind, Revision } from "../wire/types";
import classes from "./classroom.module.css";
import { groups } from "./order";

interface HandOutProps {
  klass: string;
  pupils: readonly ClassMember[];
  boards: readonly BoardInfo[];
  gallery: readonly GalleryCard[];
  /** A change of this one is handed out, nothing new. */
  handout: Handout | null;
  onClose: () => void;
  onDone: (revision: Revision | null) => void;
  onFailed: (error: unknown) => void;
}

const KINDS: readonly HandoutKind[] = ["own", "groups", "one"];

/** Which board the class gets, and how. */
export function HandOut({ klass, pupils, boards, gallery, handout, onClose, onDone, onFailed }: HandOutProps) {
  const { t } = useTranslation("classes");
  const [which, setWhich] = useState(boards[0] ? `board:${boards[0].id}` : `gallery:${gallery[0]?.name ?? ""}`);
  const [kind, setKind] = useState<HandoutKind>("own");
  const [size, setSize] = useState(3);
  const [busy, setBusy] = useState(false);
  const made = groups(pupils, size);
  const sizes = [...new Set(made.map((group) => group.length))].join(", ");
  const give = () => {
    const [source = "", id = ""] = which.split(/:(.*)/s);
    const what = source === "board" ? { board: id } : { gallery: id };
    const placed = kind === "groups" ? { groups: made.map((group) => group.map((person) => person.id)) } : {};
    setBusy(true);
    const asked = handout
      ? http.handOutChange(klass, handout.id, what)
      : http.handOut(klass, { ...what, kind, ...placed }).then(() => null);
    asked.then(onDone, onFailed).finally(() => setBusy(false));
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(handout ? "handouts.changeTitle" : "handouts.new", { title: handout?.title })}
    >
      <Stack>
        <NativeSelect
          label={t("handouts.which")}
          value={which}
          onChange={(event) => setWhich(event.currentTarget.value)}
          data={[
            {
              group: t("handouts.yours"),
              items: boards.map(({ id, title }) => ({ value: `board:${id}`, label: title || t("handouts.untitled") })),
            },
            {
              group: t("handouts.gallery"),
              items: gallery.map(({ name, title }) => ({ value: `gallery:${name}`, label: title })),
            },
          ].filter(({ items }) => items.length > 0)}
          data-testid="hand-out-which"
        />
        {handout && <p className={classes.dim}>{t("handouts.changeText")}</p>}
        {!handout && (
          <Radio.Group
            label={t("handouts.how")}
            value={kind}
            onChange={(value) => setKind(value as HandoutKind)}
            data-testid="hand-out-how"
          >
            <Stack gap={8} mt={8}>
              {KINDS.map((each) => (
                <Radio key={each} value={each} label={t(`handouts.${each}`)} data-testid={`hand-out-${each}`} />
              ))}
            </Stack>
          </Radio.Group>
        )}
        {!handout && kind === "groups" && (
          <NumberInput
            label={t("handouts.size")}
            min={1}
            max={35}
            value={size}
            onChange={(value) => setSize(Math.max(1, Number(value) || 1))}
            description={
              pupils.length > 0
                ? t("handouts.makes", { groups: t("handouts.groupCount", { count: made.length }), sizes })
                : undefined
            }
          />
        )}
        {!handout && <p className={classes.dim}>{t("handouts.late")}</p>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("roster.cancel")}
          </Button>
          <Button loading={busy} onClick={give} data-testid="hand-out-now">
            {t("handouts.go")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
