/** Which picture shows how a layer works. The first that fits is taken; a layer that none fits has its formula. */
import type { ComponentType } from "react";
import type { LayerInfo } from "../wire/types";
import { BarsPicture } from "./bars";
import { ColumnPicture } from "./column";
import { CurvePicture } from "./curve";
import { FlattenPicture } from "./flatten";
import { LookupPicture } from "./lookup";
import { MaskPicture } from "./mask";
import { NeuronPicture } from "./neuron";
import type { PictureProps } from "./picture";
import { PositionsPicture } from "./positions";
import { RolesPicture } from "./roles";
import { StampsPicture } from "./stamps";
import { WindowPicture } from "./window";

interface Entry {
  fits: (layer: LayerInfo) => boolean;
  Picture: ComponentType<PictureProps>;
}

const has = (layer: LayerInfo, name: string) => layer.fields.some((field) => field.name === name);

const PICTURES: readonly Entry[] = [
  { fits: ({ type, family }) => family === "convolution" && type.includes("transpose"), Picture: StampsPicture },
  {
    fits: (layer) =>
      has(layer, "kernel") &&
      (layer.family === "convolution" || (layer.family === "pooling" && /max|avg|mean/.test(layer.type))) &&
      !layer.type.includes("unpool"),
    Picture: WindowPicture,
  },
  { fits: ({ type }) => type === "softmax", Picture: BarsPicture },
  { fits: (layer) => layer.curved, Picture: CurvePicture },
  { fits: ({ type }) => type === "flatten" || type === "reshape", Picture: FlattenPicture },
  { fits: ({ type }) => type === "linear" || type === "neuron", Picture: NeuronPicture },
  { fits: ({ type }) => type.startsWith("dropout") || type === "stochastic_depth", Picture: MaskPicture },
  { fits: ({ type }) => /^(batch|layer|group|instance)_norm/.test(type), Picture: ColumnPicture },
  { fits: ({ type }) => type === "positional_encoding", Picture: PositionsPicture },
  { fits: ({ type }) => type === "attention" || type === "dot_attention", Picture: LookupPicture },
  {
    fits: ({ type, family }) => family === "combine" && /^(add|subtract|multiply|max|maximum)$/.test(type),
    Picture: RolesPicture,
  },
];

export const pictureOf = (layer: LayerInfo): ComponentType<PictureProps> | null =>
  PICTURES.find(({ fits }) => fits(layer))?.Picture ?? null;
