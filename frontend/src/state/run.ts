/**
 * One run as this page knows it: what the run's socket tells, kept in the forms that the screen reads.
 * Curves and pictures are no React state: a component listens to the one thing that it shows.
 */

import { openRunSocket, type RunSocket } from "../wire/runSocket";
import type { Checkpoint, Noted, Problem, RunCommand, RunMessage, RunState, RunSummary, Transfer } from "../wire/types";
import { type Frame, Frames, parseFrame } from "./runFrames";
import { Curves } from "./runSeries";
import { WatchList } from "./runWatch";

export const ENDED: ReadonlySet<RunState> = new Set(["finished", "stopped", "failed"]);
export const hasEnded = (state: RunState): boolean => ENDED.has(state);

type Topic = "summary" | "curves" | "kept";

/** Runs `work` once before the next picture of the screen; in a hidden tab, which has none, soon. */
function beforeNextPicture(work: () => void): void {
  if (typeof requestAnimationFrame === "function" && document.visibilityState !== "hidden") requestAnimationFrame(work);
  else setTimeout(work, 100);
}

export class Run {
  readonly curves = new Curves();
  readonly frames = new Frames();
  readonly watching: WatchList;
  notes: readonly Noted[] = [];
  /** States of the run's life that can be looked at, in the order of their steps. */
  kept: readonly Checkpoint[] = [];
  /** Which of another run's weights this one began with. */
  transfer: Transfer | null = null;
  problem: Problem | null = null;
  connected = false;
  private told: RunSummary;
  private seq = 0;
  private readonly socket: RunSocket;
  private readonly listeners: Record<Topic, Set<() => void>> = {
    summary: new Set(),
    curves: new Set(),
    kept: new Set(),
  };
  private readonly due = new Set<Topic>();
  private readonly arrived = new Map<string, Frame>();
  private planned = false;
  private closed = false;

  constructor(summary: RunSummary, open = openRunSocket) {
    this.told = summary;
    this.watching = new WatchList((views) => this.socket?.send({ command: "watch", views }));
    this.socket = open(summary.id, () => this.seq, {
      message: (message) => this.receive(message),
      frame: (buffer) => this.picture(buffer),
      open: () => {
        this.connected = true;
        this.watching.repeat();
        this.changed("summary");
      },
      lost: () => {
        this.connected = false;
        this.changed("summary");
      },
    });
  }

  get id(): string {
    return this.told.id;
  }

  /** The same object until something in it changes. */
  get summary(): RunSummary {
    return this.told;
  }

  /** Whether a node, or one inside a block, could not take over the weights of the run that this one began with. */
  beganAnew(path: string): boolean {
    if (!this.transfer) return false;
    const inside = (node: string) => node === path || node.startsWith(`${path}/`);
    return this.transfer.new.some(inside) || this.transfer.other.some(({ node }) => inside(node));
  }

  /** The board's list tells of every run too; progress comes from whoever is ahead. */
  update(summary: RunSummary): void {
    if (this.seq === 0 || (hasEnded(summary.state) && !hasEnded(this.told.state))) {
      this.told = summary;
      this.changed("summary");
    }
  }

  command(command: RunCommand): void {
    this.socket.send(command);
  }

  listen(topic: Topic, listener: () => void): () => void {
    this.listeners[topic].add(listener);
    return () => this.listeners[topic].delete(listener);
  }

  close(): void {
    this.closed = true;
    this.watching.close();
    this.socket.close();
  }

  receive(message: RunMessage): void {
    this.seq = Math.max(this.seq, message.seq);
    switch (message.event) {
      case "snapshot":
        this.told = message.summary;
        this.notes = message.notes;
        this.kept = message.kept;
        this.transfer = message.transfer ?? null;
        this.problem = message.problem ?? null;
        this.curves.replace(message.points);
        this.changed("summary", "curves", "kept");
        return;
      case "state": {
        const { event: _event, run: _run, seq: _seq, ...progress } = message;
        this.told = { ...this.told, ...progress };
        this.changed("summary");
        return;
      }
      case "metrics":
        this.curves.append(message.points);
        this.progress(message.points.at(-1));
        this.changed("summary", "curves");
        return;
      case "rewound":
        this.curves.rewind(message.step);
        this.notes = this.notes.filter((note) => note.step <= message.step);
        this.kept = this.kept.filter(({ step }) => step <= message.step);
        this.told = { ...this.told, step: Math.min(this.told.step, message.step) };
        this.changed("summary", "curves", "kept");
        return;
      case "noted":
        this.notes = [...this.notes, message];
        this.changed("curves");
        return;
      case "failed":
        this.problem = message.problem;
        this.told = { ...this.told, state: "failed", message: message.problem.message };
        this.changed("summary");
        return;
      case "end":
        this.told = { ...this.told, state: message.state, metrics: { ...this.told.metrics, ...message.metrics } };
        this.changed("summary");
        return;
      case "transferred":
        this.transfer = message.report;
        this.changed("kept");
        return;
      case "kept":
        this.kept = message.checkpoints;
        this.changed("kept");
        return;
      case "checkpointed":
        return;
      default:
        message satisfies never;
    }
  }

  private progress(
    point: { step: number; epoch: number; seconds: number; values: Record<string, number> } | undefined,
  ) {
    if (!point) return;
    this.told = {
      ...this.told,
      step: Math.max(this.told.step, point.step),
      epoch: Math.max(this.told.epoch, point.epoch),
      seconds: Math.max(this.told.seconds, point.seconds),
      rate: point.values.rate ?? this.told.rate,
      metrics: { ...this.told.metrics, ...point.values },
    };
  }

  /** Pictures of one key that come faster than the screen shows them: the last one is shown. */
  private picture(buffer: ArrayBuffer): void {
    const frame = parseFrame(buffer);
    this.arrived.set(frame.header.key, frame);
    this.plan();
  }

  private changed(...topics: Topic[]): void {
    for (const topic of topics) this.due.add(topic);
    this.plan();
  }

  private plan(): void {
    if (this.planned || this.closed) return;
    this.planned = true;
    beforeNextPicture(() => this.flush());
  }

  private flush(): void {
    this.planned = false;
    if (this.closed) return;
    const topics = [...this.due];
    this.due.clear();
    const frames = [...this.arrived.values()];
    this.arrived.clear();
    for (const topic of topics) for (const listener of this.listeners[topic]) listener();
    for (const frame of frames) this.frames.put(frame);
  }
}
