import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ask.module.css";
import type { Kind } from "./given";
import { sent } from "./picture";

interface PictureProps {
  kind: Kind;
  /** The picture as a question carries it; empty: none. */
  onPicture: (picture: string) => void;
}

/** A picture is dropped or chosen; it is made small in this browser. */
export function Picture({ kind, onPicture }: PictureProps) {
  const { t } = useTranslation("dock");
  const { t: say } = useTranslation("ask");
  const [unread, setUnread] = useState("");
  const bring = (file: File | undefined) => {
    if (!file) return;
    createImageBitmap(file).then(
      (bitmap) => {
        setUnread("");
        onPicture(sent(bitmap, kind));
      },
      () => {
        setUnread(file.name);
        onPicture("");
      },
    );
  };
  return (
    <>
      <label
        className={classes.drop}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          bring(event.dataTransfer.files[0]);
        }}
      >
        <span>{t("ask.drop", { width: kind.width, height: kind.height })}</span>
        <input
          type="file"
          accept="image/*"
          data-testid="ask-file"
          onChange={(event) => bring(event.currentTarget.files?.[0])}
        />
      </label>
      {unread && (
        <p className={classes.problem} role="alert" data-testid="ask-unread">
          {say("unread", { name: unread })}
        </p>
      )}
    </>
  );
}
