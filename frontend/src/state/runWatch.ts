/** Who looks at what: every component that shows a view says so; their union is what the run is asked to compute. */

import type { Subscription } from "../wire/types";

/** In place of a checkpoint's step: the newest state that there is. */
export const NOW = -1;

/** A subscription with its defaults filled in. */
export type Asked = Required<Subscription>;

export const complete = (wish: Subscription): Asked => ({
  port: "",
  samples: [0],
  size: 0,
  rate: 5,
  at: NOW,
  ...wish,
});

/** The same text as the server's `Subscription.key`: frames of equal keys replace each other. */
export const keyOf = (wish: Subscription): string => {
  const { view, node, port, samples, size, at } = complete(wish);
  return `${view}|${node}|${port}|${samples.join(",")}|${size}${at === NOW ? "" : `|${at}`}`;
};

/** The most views that one watcher may ask for. */
const MOST_VIEWS = 200;
/** Milliseconds in which several changes (a tab that opens) become one message. */
const GATHER = 30;

export interface Watcher {
  readonly key: string;
  /** A component that is scrolled away stays registered, but is not asked for. */
  show(visible: boolean): void;
  remove(): void;
}

interface Entry {
  subscription: Asked;
  visible: boolean;
}

export class WatchList {
  private readonly entries = new Set<Entry>();
  private awake = true;
  private told = "[]";
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly tell: (views: Asked[]) => void) {}

  add(wish: Subscription, visible = true): Watcher {
    const entry: Entry = { subscription: complete(wish), visible };
    this.entries.add(entry);
    this.plan();
    return {
      key: keyOf(entry.subscription),
      show: (now) => {
        if (entry.visible !== now) {
          entry.visible = now;
          this.plan();
        }
      },
      remove: () => {
        if (this.entries.delete(entry)) this.plan();
      },
    };
  }

  /** A hidden tab looks at nothing. */
  wake(awake: boolean): void {
    if (this.awake !== awake) {
      this.awake = awake;
      this.plan();
    }
  }

  /** Equal keys once, at the greatest rate that one of them wants. */
  union(): Asked[] {
    if (!this.awake) return [];
    const wanted = new Map<string, Asked>();
    for (const { subscription, visible } of this.entries) {
      if (!visible) continue;
      const key = keyOf(subscription);
      const other = wanted.get(key);
      if (!other || other.rate < subscription.rate) wanted.set(key, subscription);
    }
    // Where it is too much, what is looked at now goes before what is kept for later.
    return [...wanted.values()].sort((a, b) => b.rate - a.rate).slice(0, MOST_VIEWS);
  }

  /** Tells the union whatever was told before: after the socket opened. */
  repeat(): void {
    this.settle();
    const views = this.union();
    this.told = JSON.stringify(views);
    this.tell(views);
  }

  close(): void {
    this.settle();
  }

  private plan(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      const views = this.union();
      const text = JSON.stringify(views);
      if (text === this.told) return;
      this.told = text;
      this.tell(views);
    }, GATHER);
  }

  private settle(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
