/** How long a row takes, in microseconds. */
export interface Latency {
  p50: number;
  p95: number;
}

export interface LatencyBudget {
  /** Of the p95 of one row, in milliseconds; undefined for no bound of its own. */
  maxMillis?: number;
  /** How much longer than the running version it may take, as a share: 0.5 for half as long again. */
  maxIncreaseShare: number;
}

/** Less than that is told apart by no measurement on a machine that does other things. */
const NOISE_MICROS = 200;

/** @returns what is over the budget, in a sentence each; empty when nothing is */
export function overBudget(
  candidate: Latency,
  running: Latency | undefined,
  { maxMillis, maxIncreaseShare }: LatencyBudget,
): string[] {
  const found: string[] = [];
  if (maxMillis !== undefined && candidate.p95 > maxMillis * 1_000) {
    found.push(
      `One row takes ${millis(
        candidate.p95,
      )} in 95 of 100 cases, and may take ${maxMillis} ms.`,
    );
  }
  if (running) {
    const allowed = running.p95 * (1 + maxIncreaseShare) + NOISE_MICROS;
    if (candidate.p95 > allowed) {
      const more = Math.round((candidate.p95 / running.p95 - 1) * 100);
      found.push(
        `One row takes ${millis(
          candidate.p95,
        )} in 95 of 100 cases, ${more} % longer than the running version's ${millis(
          running.p95,
        )}, and may take ${Math.round(maxIncreaseShare * 100)} % longer.`,
      );
    }
  }
  return found;
}

/** The better of two measurements: what disturbed one of them is not the version's. */
export function better(one: Latency, other: Latency): Latency {
  return one.p95 <= other.p95 ? one : other;
}

/** "0.38 ms" or "24 ms". */
export function millis(micros: number): string {
  return `${Number((micros / 1_000).toPrecision(2))} ms`;
}
