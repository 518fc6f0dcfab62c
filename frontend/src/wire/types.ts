/** The wire's messages under their own names; `generated.ts` comes from the backend's wire. */
import type { components } from "./generated";

type Schemas = components["schemas"];

export type RunState = Schemas["State"]["state"];
export type RunSummary = Schemas["RunSummary"];
export type RunRow = Schemas["RunRow"];
export type Waiting = Schemas["Waiting"];
export type SweepField = Schemas["SweepField"];
export type SweepInfo = Schemas["SweepInfo"];
export type SweepPlace = Schemas["Place"];
/** What a sweep tries; what is left out takes the server's defaults. */
export type SweepAxis = Pick<Schemas["Axis-Input"], "path"> & Partial<Schemas["Axis-Input"]>;
export type SweepPlan = Partial<Omit<Schemas["Plan"], "axes">> & { axes: SweepAxis[] };
export type Curve = Schemas["Curve"];
export type Noted = Schemas["Noted"];
export type Transfer = Schemas["Transfer"];
/** Another run's state to begin with; what is left out takes the server's defaults. */
export type StartFrom = Pick<Schemas["StartFrom"], "run"> & Partial<Schemas["StartFrom"]>;
export type Checkpoint = Schemas["Checkpoint"];
export type Snapshot = Schemas["Snapshot"];
export type RunMessage =
  | Schemas["State"]
  | Schemas["Metrics"]
  | Schemas["Rewound"]
  | Schemas["Noted"]
  | Schemas["Failed"]
  | Schemas["End"]
  | Schemas["Checkpointed"]
  | Schemas["Kept"]
  | Schemas["Transferred"]
  | Schemas["Snapshot"];

/** What a watcher asks for; what is left out takes the server's defaults. */
export type Subscription = Pick<Schemas["Subscription"], "view" | "node"> & Partial<Schemas["Subscription"]>;
export type StepPart = NonNullable<Schemas["Step"]["part"]>;
export type Dial = Schemas["Turn"]["dial"];
export type RunCommand =
  | { command: "watch"; views: Subscription[] }
  | { command: "pause" | "resume" | "stop" }
  | { command: "step"; part?: StepPart }
  | { command: "rate"; value: number; phase?: string }
  | { command: "turn"; dial: Dial; value: number; of?: string };

export type FrameArray = Schemas["Array"];
/** What can be asked once of a run or of a board, and the header of the answer. */
export type Question =
  | Schemas["Weights"]
  | Schemas["Trained"]
  | Schemas["Predict"]
  | Schemas["Values"]
  | Schemas["Differences"]
  | Schemas["Excites"]
  | Schemas["Judge"]
  | Schemas["Cases"]
  | Schemas["Tally"];
export type Answer = Schemas["Answer"];
export type Judge = Schemas["Judge"];
export type Cases = Schemas["Cases"];
export type Tagged = Schemas["Tagged"];
export type Opening = Schemas["Opening"];
export type FrameHeader = Schemas["FrameHeader"];

export type Person = Schemas["Person"];
export type BoardInfo = Schemas["BoardInfo"];
export type Role = BoardInfo["role"];
export type LinkRole = BoardInfo["link_role"];
export type BoardMessage =
  | Schemas["Welcome"]
  | Schemas["Saved"]
  | Schemas["Inferred"]
  | Schemas["BoardChanged"]
  | Schemas["Runs"]
  | Schemas["Refused"];
export type Inferred = Schemas["Inferred"];

export type NodeFacts = Schemas["NodeFacts"];
export type Memory = Schemas["Memory"];
export type ReceptiveField = Schemas["ReceptiveField"];
export type Problem = Schemas["Problem"];
export type Fix = Schemas["Fix"];
export type Edit = Schemas["Edit"];
export type Inference = Schemas["Inference"];

export type Comparison = Schemas["Comparison"];
export type Pair = Schemas["Pair"];
export type Side = Schemas["Side"];

export type Catalogue = Schemas["Catalogue"];
export type LayerInfo = Schemas["LayerInfo"];
export type ExampleInfo = Schemas["ExampleInfo"];
export type CurveInfo = Schemas["CurveInfo"];
export type RatesInfo = Schemas["RatesInfo"];
export type FieldInfo = Schemas["FieldInfo"];
export type PortInfo = Schemas["PortInfo"];
export type FormInfo = Schemas["FormInfo"];
export type TemplateInfo = Schemas["TemplateInfo"];
export type FamilyInfo = Schemas["FamilyInfo"];
export type GalleryCard = Schemas["GalleryCard"];
export type Fit = Schemas["Fit"];

export type DataSetInfo = Schemas["DataSetInfo"];
export type DataSet = Schemas["DataSet"];
export type DataPreview = Schemas["Preview"];
export type AboutData = Schemas["AboutData"];

export type ClassInfo = Schemas["ClassInfo"];
export type ClassMember = Schemas["ClassMember"];
export type ClassMessage = Schemas["ClassMessage"];
export type ClassCommand = Schemas["ClassCommand"];
export type Handout = Schemas["Handout"];
export type HandoutKind = Handout["kind"];
export type WallCard = Schemas["Card"];
export type Revision = Schemas["Revision"];
export type ReturnCard = Schemas["ReturnCard"];
