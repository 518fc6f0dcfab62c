/** The sample that is asked about on the cards of the board: all that happens on the way through the network. */

import { useEffect, useMemo } from "react";
import { nodesOf } from "../../graph/document";
import { hideAsked, showAsked, useAsked } from "../../state/asked";
import { useDocument } from "../../state/document";
import { useFacts } from "../../state/facts";
import { type Frame, parseFrame } from "../../state/runFrames";
import { type Kind, pictured, thumbnailWish } from "../../state/runViews";
import { complete, keyOf } from "../../state/runWatch";
import { useLevel } from "../../state/selection";
import { useUi } from "../../state/ui";

/** Views that are of one sample. */
const OF_A_SAMPLE: ReadonlySet<Kind> = new Set(["samples", "maps", "attention", "choice", "numbers"]);
/** Views that one question may carry, and one is left for the decision plane. */
const MOST = 63;

export interface OnCard {
  /** The node whose picture it is. */
  path: string;
  key: string;
  wish: ReturnType<typeof complete>;
}

/** What to ask for, so that every card of the open level shows the sample; nothing where that is not wanted. */
export function useOnCards(wanted: boolean, own: boolean): readonly OnCard[] {
  const scope = useLevel((level) => level.scope);
  const prefix = useLevel((level) => level.prefix);
  const unfolded = useUi((state) => state.unfolded);
  const nodes = useDocument((state) => nodesOf(state.document, scope));
  const facts = useFacts((state) => state.nodes);
  const here = Object.keys(nodes).join("\n");
  return useMemo(() => {
    if (!wanted) return [];
    const paths = unfolded ? Object.keys(facts) : here.split("\n").map((id) => prefix + id);
    const found = new Map<string, OnCard>();
    for (const card of paths) {
      const shown = pictured(facts, card);
      if (!shown || !OF_A_SAMPLE.has(shown.thumbnail.kind) || found.size >= MOST) continue;
      // Of one's own sample nobody knows what the answer should be, so it has no loss.
      if (own && "loss" in (facts[shown.path]?.outputs ?? {})) continue;
      const wish = complete({ ...thumbnailWish(shown.path, shown.thumbnail, 0), samples: [0] });
      found.set(shown.path, { path: shown.path, key: keyOf(wish), wish });
    }
    return [...found.values()];
  }, [wanted, own, unfolded, facts, here, prefix]);
}

/** Puts what came with an answer on the cards, as long as somebody asks. */
export function useShownOnCards(
  reply: { arrays: Frame["arrays"] } | null,
  cards: readonly OnCard[],
  own: boolean,
  what: string,
): void {
  const wanted = useAsked((state) => state.wanted);
  useEffect(() => {
    const frames = new Map<string, Frame>();
    for (const { path, key } of wanted && reply ? cards : []) {
      const frame = frameIn(reply, key);
      if (frame) frames.set(path, own ? withoutSlopes(frame) : frame);
    }
    if (frames.size > 0) showAsked(frames, what);
    else if (!wanted || cards.length === 0) hideAsked();
  }, [wanted, reply, cards, own, what]);
  useEffect(() => hideAsked, []);
}

/** A view that came with an answer. */
export function frameIn(reply: { arrays: Frame["arrays"] } | null, key: string): Frame | null {
  const found = reply?.arrays.get(key)?.data;
  // Its own arrays must lie at multiples of 8, as in a frame that came alone.
  return found instanceof Uint8Array ? parseFrame(found.slice().buffer) : null;
}

/** They were those of a loss towards another sample's class. */
function withoutSlopes(frame: Frame): Frame {
  return { ...frame, arrays: new Map([...frame.arrays].filter(([name]) => name !== "gradients")) };
}
