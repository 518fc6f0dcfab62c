/** Every kind of picture and the component that draws it large. */

import type { ComponentType } from "react";
import type { Kind } from "../state/runViews";
import { AttentionView } from "./attention";
import { BoxesView } from "./boxes";
import { ChoiceView } from "./choice";
import { ConfusionView } from "./confusion";
import { FiltersView } from "./filters";
import { FitView } from "./fit";
import { MapsView } from "./maps";
import { NeuronsView } from "./neurons";
import { NumbersView } from "./numbers";
import { PlaneView } from "./plane";
import { StatesView } from "./states";
import { StatisticsView } from "./statistics";
import { TerrainView } from "./terrain";
import { ThresholdView } from "./threshold";
import { ThroughView } from "./through";
import type { ViewProps } from "./view";
import { WinnersView } from "./winners";

export const VIEWS: Readonly<Record<Exclude<Kind, "samples" | "flat">, ComponentType<ViewProps>>> = {
  plane: PlaneView,
  fit: FitView,
  threshold: ThresholdView,
  neurons: NeuronsView,
  maps: MapsView,
  winners: WinnersView,
  filters: FiltersView,
  attention: AttentionView,
  gates: AttentionView,
  states: StatesView,
  statistics: StatisticsView,
  through: ThroughView,
  terrain: TerrainView,
  confusion: ConfusionView,
  choice: ChoiceView,
  numbers: NumbersView,
  boxes: BoxesView,
};
