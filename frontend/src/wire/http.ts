/** The server's HTTP interface; every refusal becomes a `Refusal` with its words. */
import type {
  BoardInfo,
  Catalogue,
  Comparison,
  CurveInfo,
  DataPreview,
  DataSet,
  DataSetInfo,
  Edit,
  Fit,
  GalleryCard,
  Inference,
  LinkRole,
  Opening,
  Person,
  Problem,
  Question,
  RatesInfo,
  RunRow,
  RunSummary,
  StartFrom,
  SweepField,
  SweepInfo,
  SweepPlan,
  Tagged,
  Transfer,
  Waiting,
} from "./types";

export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Of a board that cannot be trained: why. */
    readonly problems: Problem[] = [],
  ) {
    super(message);
    this.name = "Refusal";
  }
}

async function asked(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<[Response, unknown]> {
  const response = await fetch(path, {
    method,
    credentials: "same-origin",
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  });
  const isJson = response.status !== 204 && (response.headers.get("content-type")?.includes("json") ?? false);
  const answer: unknown = isJson ? await response.json() : undefined;
  if (!response.ok) {
    const { detail, problems } = (answer ?? {}) as { detail?: unknown; problems?: Problem[] };
    throw new Refusal(response.status, typeof detail === "string" ? detail : response.statusText, problems);
  }
  return [response, answer];
}

export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const [, answer] = await asked(method, path, body, signal);
  return answer as T;
}

async function askBytes(path: string, body: unknown, signal?: AbortSignal, method = "POST"): Promise<ArrayBuffer> {
  const [response] = await asked(method, path, body, signal);
  return response.arrayBuffer();
}

const board = (id: string) => `/api/boards/${encodeURIComponent(id)}`;

export const me = () => ask<Person>("GET", "/api/me");
export const rename = (name: string) => ask<Person>("PUT", "/api/me", { name });
export const layers = () => ask<Catalogue>("GET", "/api/layers");
export const gallery = () => ask<GalleryCard[]>("GET", "/api/gallery");
export const boards = () => ask<BoardInfo[]>("GET", "/api/boards");
export const boardInfo = (id: string) => ask<BoardInfo>("GET", board(id));
/** A board beside `gallery:NAME`, `board:ID`, or `run:ID`, the board that a run trained; `of`: a run whose board stands for it. */
export const compare = (id: string, other: string, of: string, signal?: AbortSignal) =>
  ask<Comparison>(
    "GET",
    `${board(id)}/compare?other=${encodeURIComponent(other)}${of ? `&of=${encodeURIComponent(of)}` : ""}`,
    undefined,
    signal,
  );
export const createBoard = (from: { gallery?: string; document?: unknown; copy?: string }) =>
  ask<BoardInfo>("POST", "/api/boards", from);
export const deleteBoard = (id: string) => ask<void>("DELETE", board(id));
export const share = (id: string, link_role: LinkRole) => ask<BoardInfo>("PATCH", board(id), { link_role });
export const boardDocument = (id: string) => ask<unknown>("GET", `${board(id)}/document`);
export const infer = (document: unknown, signal?: AbortSignal) =>
  ask<Inference>("POST", "/api/infer", { document }, signal);
/** What fits at the other end of a wire from `node`'s port; `block` is "" at the top level. */
export const fits = (document: unknown, block: string, node: string, port: string, signal?: AbortSignal) =>
  ask<Fit[]>("POST", "/api/fits", { document, block, node, port }, signal);
/** The learning rate of every phase over a run, before it begins. */
export const rates = (document: unknown, signal?: AbortSignal) =>
  ask<Record<string, RatesInfo>>("POST", "/api/rates", { document }, signal);
/** f and f′ of an activation with these fields. */
export const curve = (type: string, fields: unknown, signal?: AbortSignal) =>
  ask<CurveInfo | null>("POST", "/api/curve", { type, fields }, signal);
const data = (id: string) => `/api/data/${encodeURIComponent(id)}`;

export const dataSets = () => ask<DataSetInfo[]>("GET", "/api/data");
export const dataSet = (id: string) => ask<DataSet>("GET", data(id));
export const renameData = (id: string, title: string) => ask<DataSetInfo>("PATCH", data(id), { title });
export const deleteData = (id: string) => ask<void>("DELETE", data(id));
/** Begins to fetch a data set that is known by name. */
export const fetchData = (id: string) => ask<unknown>("POST", `${data(id)}/fetch`);
/** Some samples; with a label, of that class alone. */
export const dataPreview = (id: string, start: number, count: number, label: number | null) =>
  ask<DataPreview>(
    "GET",
    `${data(id)}/preview?start=${start}&count=${count}${label === null ? "" : `&label=${label}`}`,
  );
export const runs = (id: string) => ask<RunSummary[]>("GET", `${board(id)}/runs`);
/** `start`: another run's state to begin with. Raises a Refusal with `problems` where the board cannot be trained. */
export const train = (id: string, start?: StartFrom) =>
  ask<RunSummary>("POST", `${board(id)}/runs`, start ? { start_from: start } : {});
/** Which weights of another run fit the board. */
export const fitting = (id: string, start: StartFrom, signal?: AbortSignal) =>
  ask<Transfer>("POST", `${board(id)}/fit`, { start_from: start }, signal);
export const run = (id: string) => ask<RunSummary>("GET", `/api/runs/${encodeURIComponent(id)}`);
/** The bytes of the answer; `at` is the step of a kept checkpoint, −1 the newest state. */
export const askRun = (id: string, question: Question, at: number, signal?: AbortSignal) =>
  askBytes(`/api/runs/${encodeURIComponent(id)}/ask`, { question, at }, signal);
export const askBoard = (id: string, question: Question, signal?: AbortSignal) =>
  askBytes(`${board(id)}/ask`, { question }, signal);
const ofRun = (id: string) => `/api/runs/${encodeURIComponent(id)}`;
/** Every run of a board, the newest first, with the settings in which they differ. */
export const runTable = (id: string, signal?: AbortSignal) =>
  ask<RunRow[]>("GET", `${board(id)}/runs/table`, undefined, signal);
/** Every point of these series, as float32 arrays (4, n) of steps, epochs, seconds and values. */
export const runCurves = (id: string, series: readonly string[], signal?: AbortSignal) =>
  askBytes(
    `${ofRun(id)}/curves?${series.map((each) => `series=${encodeURIComponent(each)}`).join("&")}`,
    undefined,
    signal,
    "GET",
  );
/** What several runs of a board say of the same samples, each alone and all together: the bytes of the answer. */
export const askTogether = (id: string, runs: readonly string[], part: string, signal?: AbortSignal) =>
  askBytes(`${board(id)}/together`, { runs, part }, signal);
export const sayOfRun = (id: string, said: { note?: string; star?: boolean }) => ask<void>("PATCH", ofRun(id), said);
export const deleteRun = (id: string) => ask<void>("DELETE", ofRun(id));
/** Has a deleted run back while it waits in the bin. */
export const restoreRun = (id: string) => ask<RunSummary>("POST", `${ofRun(id)}/restore`);
/** The board that a run trained, once more with each of these seeds. */
export const trainSeeds = (id: string, seeds: readonly number[]) =>
  ask<RunSummary[]>("POST", `${ofRun(id)}/seeds`, { seeds });
/** The edits that give a board what a sweep gave this run. */
export const runSettings = (id: string) => ask<Edit[]>("GET", `${ofRun(id)}/settings`);
/** When the board's test samples were opened, the oldest first. */
export const openings = (id: string, signal?: AbortSignal) =>
  ask<Opening[]>("GET", `${board(id)}/openings`, undefined, signal);
/** Samples of a part of a run's data with what people call what is wrong with them. */
export const tags = (id: string, part: string, signal?: AbortSignal) =>
  ask<Tagged[]>("GET", `${ofRun(id)}/tags?part=${part}`, undefined, signal);
export const tag = (id: string, part: string, tagged: Tagged) =>
  ask<void>("PUT", `${ofRun(id)}/tags`, { part, tagged });
/** Where a run's mistakes are as a file. */
export const errorsAddress = (id: string, part: string, loss: string) =>
  `${ofRun(id)}/errors.csv?part=${part}&loss=${encodeURIComponent(loss)}`;
/** Opens the test samples for a run that has ended; the run as it is then. */
export const openTest = (id: string) => ask<RunSummary>("POST", `${ofRun(id)}/test`);
export const queue = (signal?: AbortSignal) => ask<Waiting[]>("GET", "/api/queue", undefined, signal);
export const sweepFields = (id: string) => ask<SweepField[]>("GET", `${board(id)}/sweeps/fields`);
export const sweeps = (id: string, signal?: AbortSignal) =>
  ask<SweepInfo[]>("GET", `${board(id)}/sweeps`, undefined, signal);
export const startSweep = (id: string, plan: SweepPlan) => ask<SweepInfo>("POST", `${board(id)}/sweeps`, plan);
export const stopSweep = (id: string) => ask<SweepInfo>("POST", `/api/sweeps/${encodeURIComponent(id)}/stop`);
/** Where the board's PyTorch file is. */
export const exportAddress = (id: string) => `${board(id)}/export/pytorch`;
