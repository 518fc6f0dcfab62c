import { ActionIcon, Button, Group, Menu, Modal } from "@mantine/core";
import { Columns2, Copy, Ellipsis, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { amount } from "../../graph/amount";
import type { Document } from "../../graph/document";
import { useOnScreen } from "../../state/runHooks";
import { boardDocument } from "../../wire/http";
import type { BoardInfo } from "../../wire/types";
import { go } from "../router";
import { ago } from "./ago";
import { BoardPicture } from "./BoardPicture";
import classes from "./gallery.module.css";

interface BoardTileProps {
  board: BoardInfo;
  onDuplicate: () => void;
  onDelete: () => void;
}

/** One of one's own boards; its picture is fetched when it comes on the screen. */
export function BoardTile({ board, onDuplicate, onDelete }: BoardTileProps) {
  const { t, i18n } = useTranslation("gallery");
  const tile = useRef<HTMLElement>(null);
  const visible = useOnScreen(tile);
  const [document, setDocument] = useState<Document | null>(null);
  const [asking, setAsking] = useState(false);
  const title = board.title || t("untitled");
  const address = `/b/${board.id}`;

  useEffect(() => {
    if (!visible || document) return;
    let wanted = true;
    // A board whose picture cannot be had is shown without one; opening it says what is wrong.
    boardDocument(board.id).then(
      (found) => wanted && setDocument(found as Document),
      () => wanted && setDocument({}),
    );
    return () => {
      wanted = false;
    };
  }, [visible, document, board.id]);

  const when = ago(board.changed, Date.now() / 1000, i18n.language) ?? t("now");
  return (
    <article ref={tile} className={classes.board} data-testid={`board-${board.id}`}>
      <div className={classes.picture}>
        {document && <BoardPicture document={document} label={t("picture", { title })} />}
      </div>
      <div className={classes.boardWords}>
        <h3>
          <a
            href={address}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              go(address);
            }}
          >
            {title}
          </a>
        </h3>
        <p title={t("editedHint", { ago: when })}>
          {[
            t("edited", { ago: when }),
            board.parameters > 0 && `${amount(board.parameters)} ${t("parameters")}`,
            t(`role.${board.role}`),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      <Menu withInitialFocusPlaceholder={false} position="bottom-end" shadow="md" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.boardMenu}
            aria-label={t("more", { title })}
            data-testid={`board-menu-${board.id}`}
          >
            <Ellipsis size={17} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Copy size={15} aria-hidden />}
            onClick={onDuplicate}
            data-testid="board-duplicate"
            data-autofocus
          >
            {t("duplicate")}
          </Menu.Item>
          <Menu.Item
            leftSection={<Columns2 size={15} aria-hidden />}
            onClick={() => go(`${address}/compare`)}
            data-testid="board-compare"
          >
            {t("compare")}
          </Menu.Item>
          {board.role === "owner" && (
            <Menu.Item
              leftSection={<Trash2 size={15} aria-hidden />}
              className={classes.danger}
              onClick={() => setAsking(true)}
              data-testid="board-delete"
            >
              {t("delete")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={() => setAsking(false)} title={t("confirm.title", { title })} centered>
        <p className={classes.confirm}>{t("confirm.text")}</p>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            {t("confirm.keep")}
          </Button>
          <Button
            className={classes.destroy}
            onClick={() => {
              setAsking(false);
              onDelete();
            }}
            data-testid="confirm-delete"
          >
            {t("confirm.delete")}
          </Button>
        </Group>
      </Modal>
    </article>
  );
}
