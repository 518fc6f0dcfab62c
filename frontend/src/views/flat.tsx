import { type RefObject, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import * as format from "../charts/format";
import { bytesOf, type Frame } from "../state/runFrames";
import { useFrame } from "../state/runHooks";
import { wishFor } from "../state/runViews";
import classes from "./views.module.css";

/** What a frame of the view `flat` counts. */
interface About {
  kind: "dead" | "saturated";
  units: number;
  /** Units that are flat for every sample, at every place. */
  all: number;
  /** Of all answers, the share that is flat. */
  share: number;
  samples: number;
}

export const aboutFlat = (frame: Frame | null): About | null =>
  frame ? (frame.header.about as unknown as About) : null;

/** The one number: of ReLUs how many units are dead, of sigmoids how many answers are in the flat tails. */
export const flatShare = ({ kind, all, units, share }: About): number =>
  kind === "dead" ? all / Math.max(1, units) : share;

function useFlat(node: string, element: RefObject<HTMLDivElement | null>) {
  const { t } = useTranslation("dock");
  const wish = useMemo(() => wishFor("flat", node, 0), [node]);
  const frame = useFrame(wish, element);
  const about = aboutFlat(frame);
  if (!frame || !about) return null;
  const share = flatShare(about);
  const words = { count: about.all, units: about.units, samples: about.samples, share: format.roughly(about.share) };
  return {
    frame,
    share,
    short: t(`flat.${about.kind}`, { share: format.roughly(share) }),
    whole: t(`flat.${about.kind}Whole`, words),
  };
}

/** On a node's card: "31 % dead", and on pointing at it what that means. The line has its room from the start. */
export function FlatWords({ node }: { node: string }) {
  const box = useRef<HTMLDivElement>(null);
  const found = useFlat(node, box);
  return (
    <div
      ref={box}
      className={classes.flatWords}
      data-testid={`flat-${node}`}
      data-much={(found && found.share >= 0.5) || undefined}
      title={found?.whole}
    >
      {found?.short}
    </div>
  );
}

/** Below a layer's activations: the whole sentence, and a cell for every unit, the fuller the more often it is flat. */
export function FlatLine({ node }: { node: string }) {
  const { t } = useTranslation("dock");
  const box = useRef<HTMLDivElement>(null);
  const found = useFlat(node, box);
  const shares = found && bytesOf(found.frame, "flat");
  return (
    <div ref={box} className={classes.flatLine} data-testid="flat-line">
      {found && shares && (
        <>
          <span className={classes.flatCells} aria-hidden>
            {[...shares.data].map((byte, unit) => (
              <i
                // biome-ignore lint/suspicious/noArrayIndexKey: a unit is its number
                key={unit}
                data-all={byte === 255 || undefined}
                style={{ ["--share" as string]: `${(100 * byte) / 255}%` }}
                title={t("flat.unit", { unit: unit + 1, share: format.roughly(byte / 255) })}
              />
            ))}
          </span>
          <span>
            <b>{found.short}.</b> {found.whole}
          </span>
        </>
      )}
    </div>
  );
}
