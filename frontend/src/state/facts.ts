/** What the server infers of the board: per node by its path, the totals, the problems. */
import { create } from "zustand";
import type { Inferred, Memory, NodeFacts, Problem } from "../wire/types";

export interface Totals {
  parameters: number;
  trainable_parameters: number;
  macs: number;
  flops: number;
  operations: number;
  activation_bytes: number;
  training_bytes: number;
  macs_by_kind: Inferred["macs_by_kind"];
  memory: Memory;
  /** The path of what arrives at the losses and sees least of the picture; empty without pictures. */
  narrowest: string;
}

interface FactsState {
  /** The first facts are there. */
  known: boolean;
  nodes: Record<string, NodeFacts>;
  problems: readonly Problem[];
  /** Ways out of the problems are still looked for; those shown are of the board as it was. */
  seeking: boolean;
  totals: Totals;
}

const NOTHING: Totals = {
  parameters: 0,
  trainable_parameters: 0,
  macs: 0,
  flops: 0,
  operations: 0,
  activation_bytes: 0,
  training_bytes: 0,
  macs_by_kind: {},
  memory: { parameters: 0, gradients: 0, optimizer: 0, activations: 0 },
  narrowest: "",
};

const EMPTY: FactsState = { known: false, nodes: {}, problems: [], seeking: false, totals: NOTHING };

export const useFacts = create<FactsState>(() => EMPTY);

export function forgetFacts(): void {
  useFacts.setState(EMPTY, true);
}

/** A full answer replaces everything; a later one only the nodes that changed. */
export function receiveFacts(message: Inferred): void {
  const { full, nodes, removed, seeking } = message;
  const { nodes: before, problems: told } = useFacts.getState();
  let next = nodes;
  if (!full) {
    next = { ...before, ...nodes };
    for (const path of removed) delete next[path];
  }
  useFacts.setState({
    known: true,
    nodes: next,
    problems: seeking ? withFixesOf(told, message.problems) : message.problems,
    seeking,
    totals: {
      parameters: message.parameters,
      trainable_parameters: message.trainable_parameters,
      macs: message.macs,
      flops: message.flops,
      operations: message.operations,
      activation_bytes: message.activation_bytes,
      training_bytes: message.training_bytes,
      macs_by_kind: message.macs_by_kind,
      memory: message.memory,
      narrowest: message.narrowest,
    },
  });
}

const about = ({ code, node, edge, field, message }: Problem) => JSON.stringify([code, node, edge, field, message]);

/** A problem that stays keeps the ways out that were shown, so that nothing jumps while they are looked for anew. */
function withFixesOf(told: readonly Problem[], problems: readonly Problem[]): Problem[] {
  const known = new Map(told.filter(({ fixes }) => fixes.length > 0).map((problem) => [about(problem), problem]));
  return problems.map((problem) => {
    const before = problem.fixes.length > 0 ? undefined : known.get(about(problem));
    return before ? { ...problem, fixes: before.fixes } : problem;
  });
}

/** What a unit sees at least, of all that arrives at a loss. */
export const useNarrowest = (): NodeFacts["receptive_field"] =>
  useFacts(({ nodes, totals }) => nodes[totals.narrowest]?.receptive_field ?? null);

export const useNodeFacts = (path: string): NodeFacts | undefined => useFacts((state) => state.nodes[path]);

/** The copies of a repeated block are complained of once: `encoder/0/norm` and `encoder/3/norm` are one node. */
export const anyCopy = (path: string): string => path.replace(/\/\d+\//g, "/*/");

const byNode = new WeakMap<readonly Problem[], Map<string, readonly Problem[]>>();
const NONE: readonly Problem[] = [];

function grouped(problems: readonly Problem[]): Map<string, readonly Problem[]> {
  const known = byNode.get(problems);
  if (known) return known;
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const path = anyCopy(problem.node ?? "");
    const group = groups.get(path);
    if (group) group.push(problem);
    else groups.set(path, [problem]);
  }
  byNode.set(problems, groups);
  return groups;
}

/** The problems of one node, by its path. */
export const problemsAt = (problems: readonly Problem[], path: string): readonly Problem[] =>
  grouped(problems).get(anyCopy(path)) ?? NONE;

export const useProblemsAt = (path: string): readonly Problem[] =>
  useFacts((state) => problemsAt(state.problems, path));

/** The complaint that a wire is to be drawn red for; edges are named at the level of their node. */
export function problemOfEdge(problems: readonly Problem[], prefix: string, edge: string): Problem | undefined {
  if (problems.length === 0) return undefined;
  const level = anyCopy(`${prefix}x`).slice(0, -1);
  return problems.find(({ edge: red, node }) => {
    if (red !== edge || node === null) return false;
    const path = anyCopy(node);
    return path.startsWith(level) && !path.slice(level.length).includes("/");
  });
}

/** How many errors are somewhere inside an instance of a block. */
export const useErrorsInside = (path: string): number =>
  useFacts(
    (state) =>
      state.problems.filter(({ node, severity }) => severity === "error" && node?.startsWith(`${path}/`)).length,
  );
