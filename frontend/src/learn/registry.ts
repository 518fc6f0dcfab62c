/** All cards, in the order of the shelves. */
import { type Card, SHELVES } from "./card";
import { backpropRelu } from "./cards/backpropRelu";
import { backpropSigmoid } from "./cards/backpropSigmoid";
import { batches } from "./cards/batches";
import { batchNorm } from "./cards/batchNorm";
import { biasVariance } from "./cards/biasVariance";
import { budget } from "./cards/budget";
import { ceiling } from "./cards/ceiling";
import { dropout } from "./cards/dropout";
import { f1 } from "./cards/f1";
import { features } from "./cards/features";
import { funnel } from "./cards/funnel";
import { gradient } from "./cards/gradient";
import { graph } from "./cards/graph";
import { gridSearch } from "./cards/gridSearch";
import { hinge } from "./cards/hinge";
import { init } from "./cards/init";
import { knobs } from "./cards/knobs";
import { l2 } from "./cards/l2";
import { leastSquares } from "./cards/leastSquares";
import { linear } from "./cards/linear";
import { method } from "./cards/method";
import { metrics } from "./cards/metrics";
import { norms } from "./cards/norms";
import { overfitting } from "./cards/overfitting";
import { parameters } from "./cards/parameters";
import { pitfalls } from "./cards/pitfalls";
import { quadratic } from "./cards/quadratic";
import { race } from "./cards/race";
import { recipe } from "./cards/recipe";
import { reluGraph } from "./cards/reluGraph";
import { rmse } from "./cards/rmse";
import { roles } from "./cards/roles";
import { samples } from "./cards/samples";
import { sequence } from "./cards/sequence";
import { shapes } from "./cards/shapes";
import { shares } from "./cards/shares";
import { softmaxStep } from "./cards/softmaxStep";
import { splits } from "./cards/splits";
import { transfer } from "./cards/transfer";
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
  knobs,
  metrics,
  recipe,
  ceiling,
  roles,
  parameters,
  method,
  transfer,
  sequence,
  shapes,
  norms,
  funnel,
  budget,
  overfitting,
  features,
];

export const CARDS: readonly Card[] = SHELVES.flatMap((shelf) => ALL.filter((card) => card.shelf === shelf));
