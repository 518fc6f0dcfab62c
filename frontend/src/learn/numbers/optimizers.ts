/** The update rules of gradient descent as torch has them, for two weights (T-004…T-009; notes 1:144-234). No React. */

export type Pair = [number, number];

/** Every rule's own numbers. */
export interface Settings {
  lr: number;
  momentum: number;
  /** Memory of squared gradients: RMSprop's α, AdaDelta's ρ, Adam's β₂. */
  memory: number;
  decay: number;
}

/** What a rule keeps between steps. */
interface Kept {
  step: number;
  first: Pair;
  second: Pair;
}

interface Rule {
  /** What is taken off the weights; changes what is kept. */
  update: (gradient: Pair, kept: Kept, settings: Settings) => Pair;
  /** Pulls weights towards 0 apart from the gradient. */
  apart?: boolean;
  usual: Partial<Settings>;
}

const both = (of: (at: 0 | 1) => number): Pair => [of(0), of(1)];

export const OPTIMIZERS = {
  sgd: { usual: { lr: 0.1 }, update: (g, _, { lr }) => both((i) => lr * g[i]) },
  /** v ← μv + (1 − μ)g: the notes' form, a running mean. */
  averaged: {
    usual: { lr: 0.1, momentum: 0.9 },
    update: (g, kept, { lr, momentum }) => {
      kept.first = both((i) => momentum * kept.first[i] + (1 - momentum) * g[i]);
      return both((i) => lr * kept.first[i]);
    },
  },
  /** v ← μv + g: torch's form, ten times as far with μ = 0.9. */
  momentum: {
    usual: { lr: 0.1, momentum: 0.9 },
    update: (g, kept, { lr, momentum }) => {
      kept.first = both((i) => momentum * kept.first[i] + g[i]);
      return both((i) => lr * kept.first[i]);
    },
  },
  nesterov: {
    usual: { lr: 0.1, momentum: 0.9 },
    update: (g, kept, { lr, momentum }) => {
      kept.first = both((i) => momentum * kept.first[i] + g[i]);
      return both((i) => lr * (g[i] + momentum * kept.first[i]));
    },
  },
  adagrad: {
    usual: { lr: 0.1 },
    update: (g, kept, { lr }) => {
      kept.second = both((i) => kept.second[i] + g[i] * g[i]);
      return both((i) => (lr * g[i]) / (Math.sqrt(kept.second[i]) + 1e-10));
    },
  },
  rmsprop: {
    usual: { lr: 0.1, memory: 0.9 },
    update: (g, kept, { lr, memory }) => {
      kept.second = both((i) => memory * kept.second[i] + (1 - memory) * g[i] * g[i]);
      return both((i) => (lr * g[i]) / (Math.sqrt(kept.second[i]) + 1e-8));
    },
  },
  adadelta: {
    usual: { lr: 1, memory: 0.9 },
    update: (g, kept, { lr, memory }) => {
      kept.second = both((i) => memory * kept.second[i] + (1 - memory) * g[i] * g[i]);
      const go = both((i) => (Math.sqrt(kept.first[i] + 1e-6) / Math.sqrt(kept.second[i] + 1e-6)) * g[i]);
      kept.first = both((i) => memory * kept.first[i] + (1 - memory) * go[i] * go[i]);
      return both((i) => lr * go[i]);
    },
  },
  adam: {
    usual: { lr: 0.1, momentum: 0.9, memory: 0.999 },
    update: (g, kept, settings) => adam(g, kept, settings),
  },
  adamw: {
    usual: { lr: 0.1, momentum: 0.9, memory: 0.999, decay: 0.1 },
    apart: true,
    update: (g, kept, settings) => adam(g, kept, settings),
  },
} satisfies Record<string, Rule>;

export type OptimizerName = keyof typeof OPTIMIZERS;

function adam(g: Pair, kept: Kept, { lr, momentum, memory }: Settings): Pair {
  kept.first = both((i) => momentum * kept.first[i] + (1 - momentum) * g[i]);
  kept.second = both((i) => memory * kept.second[i] + (1 - memory) * g[i] * g[i]);
  const [one, two] = [1 - momentum ** kept.step, 1 - memory ** kept.step];
  return both((i) => (lr * (kept.first[i] / one)) / (Math.sqrt(kept.second[i] / two) + 1e-8));
}

const NONE: Settings = { lr: 0.1, momentum: 0, memory: 0, decay: 0 };

export const settingsOf = (name: OptimizerName): Settings => ({ ...NONE, ...OPTIMIZERS[name].usual });

/** The places on the way, the start first; ends early where it leaves every bound. */
export function trajectory(
  name: OptimizerName,
  settings: Settings,
  gradient: (x: number, y: number) => Pair,
  start: Readonly<Pair>,
  steps: number,
): Pair[] {
  const rule: Rule = OPTIMIZERS[name];
  const kept: Kept = { step: 0, first: [0, 0], second: [0, 0] };
  const path: Pair[] = [[start[0], start[1]]];
  let at: Pair = [start[0], start[1]];
  for (let step = 1; step <= steps; step++) {
    kept.step = step;
    const slope = gradient(...at);
    // Apart from the gradient, as AdamW: no rule's memory sees it.
    const held = rule.apart ? both((i) => at[i] * (1 - settings.lr * settings.decay)) : at;
    const go = rule.update(slope, kept, settings);
    at = both((i) => held[i] - go[i]);
    path.push(at);
    if (!(Math.abs(at[0]) < 1e6 && Math.abs(at[1]) < 1e6)) break;
  }
  return path;
}
