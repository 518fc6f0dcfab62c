import { useTranslation } from "react-i18next";
import type { Reply } from "../../state/asking";
import { bytesOf } from "../../state/runFrames";
import type { About } from "./Answer";
import classes from "./ask.module.css";
import { Explained, WHYS, type Why } from "./Explained";

/** What is explained, and how. */
export interface Asking {
  why: Why | "";
  /** The class; −1: the winner. */
  of: number;
  /** Grad-CAM's; empty: the last one with maps. */
  layer: string;
}

export const NOT_ASKED: Asking = { why: "", of: -1, layer: "" };

interface WhyPanelProps {
  /** Null until there is an answer to this very question. */
  reply: Reply | null;
  about: About | undefined;
  asking: Asking;
  onAsk: (asking: Asking) => void;
  /** What a node is called. */
  title: (path: string) => string;
}

/** Why the network says so, each time explained in another way. */
export function WhyPanel({ reply, about, asking, onAsk, title }: WhyPanelProps) {
  const { t } = useTranslation("dock");
  const { t: say } = useTranslation("ask");
  const { why, of, layer } = asking;
  const names = about?.names ?? [];
  const image = about?.sample === "image";
  const layers = about?.layers ?? [];
  const titles = layers.map(title);
  if (about?.kind === "steps") return <p className={classes.says}>{say("steps.unexplained")}</p>;
  return (
    <>
      <fieldset className={classes.choices} aria-label={t("ask.why")}>
        {WHYS.filter((each) => image || each === "saliency" || each === "relevance").map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === why}
            title={t(`ask.help.${each}`)}
            data-testid={`why-${each}`}
            onClick={() => onAsk({ ...asking, why: why === each ? "" : each })}
          >
            {t(`ask.${each}`)}
          </button>
        ))}
        {why && names.length > 1 && (
          <select
            value={of}
            aria-label={t("ask.of")}
            data-testid="ask-of"
            onChange={(event) => onAsk({ ...asking, of: Number(event.currentTarget.value) })}
          >
            <option value={-1}>{t("ask.winner")}</option>
            {names.map((name, index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </select>
        )}
        {why === "grad_cam" && layers.length > 1 && (
          <select
            value={layer || about?.layer}
            aria-label={say("layer")}
            data-testid="ask-layer"
            onChange={(event) => onAsk({ ...asking, layer: event.currentTarget.value })}
          >
            {layers.map((path, at) => (
              <option key={path} value={path}>
                {say("maps", {
                  // Of two that are called the same, each by its place.
                  title: titles.indexOf(titles[at] ?? "") === titles.lastIndexOf(titles[at] ?? "") ? titles[at] : path,
                })}
              </option>
            ))}
          </select>
        )}
      </fieldset>
      {why && reply && about?.why === why ? (
        <Explained reply={reply} why={why} names={names} />
      ) : (
        <p className={classes.says}>{t(why ? `ask.help.${why}` : "ask.whyNot")}</p>
      )}
      {!why && reply && bytesOf(reply, "image") && <Explained reply={reply} why="" names={names} />}
    </>
  );
}
