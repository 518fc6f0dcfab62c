/** A question of yes or no at a threshold: what is counted, and the two curves over all thresholds. */

export interface Counts {
  /** Yes, and found; no, and found; yes, and missed; no, and left. */
  hits: number;
  alarms: number;
  misses: number;
  rest: number;
}

/** Counts where every share of at least `threshold` is taken for yes. `shares` fall. */
export function countsAt(shares: ArrayLike<number>, truth: ArrayLike<number>, threshold: number): Counts {
  const found: Counts = { hits: 0, alarms: 0, misses: 0, rest: 0 };
  for (let i = 0; i < shares.length; i++) {
    const said = (shares[i] as number) >= threshold;
    if (truth[i] === 1) found[said ? "hits" : "misses"]++;
    else found[said ? "alarms" : "rest"]++;
  }
  return found;
}

const share = (part: number, whole: number): number => (whole > 0 ? part / whole : Number.NaN);

export interface Rates {
  accuracy: number;
  /** Of what is found, the share that is yes. */
  precision: number;
  /** Of what is yes, the share that is found. */
  recall: number;
  f1: number;
  /** Of what is no, the share that is found wrongly. */
  alarm: number;
}

/** Rates of counts; NaN where there is nothing to take a share of. F1 = 2PR / (P + R). */
export function ratesOf({ hits, alarms, misses, rest }: Counts): Rates {
  return {
    accuracy: share(hits + rest, hits + alarms + misses + rest),
    precision: share(hits, hits + alarms),
    recall: share(hits, hits + misses),
    f1: share(2 * hits, 2 * hits + alarms + misses),
    alarm: share(alarms, alarms + rest),
  };
}

export interface Course {
  /** From the strictest threshold to the loosest, equal shares together: false-alarm rate, recall, precision. */
  alarm: number[];
  recall: number[];
  precision: number[];
  /** The area below recall over false alarms. */
  area: number;
}

/** The curves over all thresholds; `shares` fall. */
export function courseOf(shares: ArrayLike<number>, truth: ArrayLike<number>): Course {
  let [yes, no] = [0, 0];
  for (let i = 0; i < truth.length; i++) truth[i] === 1 ? yes++ : no++;
  const course: Course = { alarm: [0], recall: [0], precision: [1], area: 0 };
  let [hits, alarms] = [0, 0];
  for (let i = 0; i < shares.length; i++) {
    truth[i] === 1 ? hits++ : alarms++;
    if (i + 1 < shares.length && shares[i + 1] === shares[i]) continue;
    const [x, y] = [share(alarms, no), share(hits, yes)];
    const [before, tall] = [course.alarm.at(-1) as number, course.recall.at(-1) as number];
    course.area += ((x - before) * (y + tall)) / 2;
    course.alarm.push(x);
    course.recall.push(y);
    course.precision.push(hits / (hits + alarms));
  }
  return course;
}
