/** What a network is asked about: a fixed sample, or one's own. */

import { parseType } from "../../graph/shape";
import type { NodeFacts } from "../../wire/types";

export type From = "sample" | "draw" | "picture" | "camera" | "row" | "tokens";

/** The part of a question that names its sample. */
export interface Given {
  node: string;
  sample: number;
  picture: string;
  numbers: number[];
}

/** A data node's samples: pictures [C, H, W], rows of numbers, or sequences of tokens. */
export interface Kind {
  of: "image" | "row" | "tokens";
  channels: number;
  height: number;
  width: number;
  /** Tokens of a sequence. */
  length: number;
}

export function kindOf(facts: NodeFacts | undefined): Kind {
  const types = Object.values(facts?.outputs ?? {}).map(parseType);
  const none = { channels: 1, height: 1, width: 1, length: 0 };
  const image = types.find((type) => type?.axes.length === 3 && type.axes[1]?.name === "H");
  if (image) {
    const [channels, height, width] = image.axes.map(({ size }) => size) as [number, number, number];
    return { of: "image", channels, height, width, length: 0 };
  }
  const first = types[0];
  if (first?.element === "index" && first.axes.length === 1)
    return { ...none, of: "tokens", length: first.axes[0]?.size ?? 0 };
  return { ...none, of: "row" };
}

export const OFFERS: Readonly<Record<Kind["of"], readonly From[]>> = {
  image: ["sample", "draw", "picture", "camera"],
  row: ["sample", "row"],
  tokens: ["sample", "tokens"],
};

export const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));
