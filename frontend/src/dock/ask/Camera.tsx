import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ask.module.css";
import type { Kind } from "./given";
import { sent } from "./picture";

type Trouble = "" | "refused" | "none" | "busy" | "unsafe" | "failed";

/** Why there is no camera, by the name of what the browser raises. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

interface CameraProps {
  kind: Kind;
  onPicture: (picture: string) => void;
}

/** What the camera sees, in this browser alone, and a picture taken of it when that is asked for. */
export function Camera({ kind, onPicture }: CameraProps) {
  const { t } = useTranslation("ask");
  const video = useRef<HTMLVideoElement>(null);
  const [trouble, setTrouble] = useState<Trouble>("");
  const [live, setLive] = useState(false);
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try opens it anew
  useEffect(() => {
    if (!navigator.mediaDevices) {
      // Browsers give a camera only to pages that came over a safe connection, or from this machine.
      setTrouble("unsafe");
      return;
    }
    let wanted = true;
    let stream: MediaStream | null = null;
    setTrouble("");
    navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } }).then(
      (given) => {
        stream = given;
        if (wanted && video.current) video.current.srcObject = given;
        else stop(given);
      },
      (error: DOMException) => wanted && setTrouble(TROUBLES[error.name] ?? "failed"),
    );
    return () => {
      wanted = false;
      setLive(false);
      if (stream) stop(stream);
    };
  }, [tries]);

  const take = () => {
    if (video.current) createImageBitmap(video.current).then((bitmap) => onPicture(sent(bitmap, kind)));
  };
  if (trouble)
    return (
      <div className={classes.camera}>
        <p className={classes.problem} role="alert" data-testid="camera-trouble">
          {t(`camera.${trouble}`)}
        </p>
        {trouble !== "unsafe" && (
          <button type="button" className={classes.button} onClick={() => setTries(tries + 1)}>
            {t("camera.again")}
          </button>
        )}
      </div>
    );
  return (
    <div className={classes.camera} data-live>
      <video
        ref={video}
        autoPlay
        muted
        playsInline
        aria-label={t("camera.preview")}
        data-testid="camera-preview"
        data-live={live || undefined}
        style={{ aspectRatio: `${kind.width} / ${kind.height}` }}
        onLoadedData={() => setLive(true)}
      />
      <div>
        <button type="button" className={classes.button} disabled={!live} data-testid="camera-take" onClick={take}>
          {t(live ? "camera.take" : "camera.opening")}
        </button>
        <p className={classes.says}>{t("camera.kept")}</p>
      </div>
    </div>
  );
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
