/** All cards, in the order of the shelves. */
import { type Card, SHELVES } from "./card";
import { backpropRelu } from "./cards/backpropRelu";
import { backpropSigmoid } from "./cards/backpropSigmoid";
import { batches } from "./cards/batches";
import { batchNorm } from "./cards/batchNorm";
import { biasVariance } from "./cards/biasVariance";
import { dropout } from "./cards/dropout";
import { f1 } from "./cards/f1";
import { gradient } from "./cards/gradient";
import { graph } from "./cards/graph";
import { gridSearch } from "./cards/gridSearch";
import { hinge } from "./cards/hinge";
import { init } from "./cards/init";
import { l2 } from "./cards/l2";
import { leastSquares } from "./cards/leastSquares";
import { linear } from "./cards/linear";
import { pitfalls } from "./cards/pitfalls";
import { quadratic } from "./cards/quadratic";
import { race } from "./cards/race";
import { reluGraph } from "./cards/reluGraph";
import { rmse } from "./cards/rmse";
import { samples } from "./cards/samples";
import { shares } from "./cards/shares";
import { softmaxStep } from "./cards/softmaxStep";
import { splits } from "./cards/splits";
import { vanishing } from "./cards/vanishing";

const ALL: readonly Card[] = [
  linear,
  leastSquares,
  shares,
  quadratic,
  gridSearch,
  gradient,
  graph,
  reluGraph,
  softmaxStep,
  backpropRelu,
  backpropSigmoid,
  l2,
  batchNorm,
  init,
  vanishing,
  hinge,
  f1,
  rmse,
  biasVariance,
  splits,
  samples,
  dropout,
  race,
  batches,
  pitfalls,
];

export const CARDS: readonly Card[] = SHELVES.flatMap((shelf) => ALL.filter((card) => card.shelf === shelf));
