import type { Comparison } from '@greenroom/plugin-ai-inference-common';
import type { AnalysisPlan } from '@greenroom/plugin-ai-registry-common';
import { type ComparedState, UNIT_LIMIT } from '../comparedState';
import {
  addToUnits,
  type ComparisonAddition,
  countAddition,
  type CountedOutcome,
  type CountedRequest,
  emptyAddition,
  halved,
  sampleUnits,
} from '../countRequests';
import type { UnitTally } from '../unitSums';

/** The guardrails that rollouts have by themselves. */
export const DEFAULT_ANALYSIS: AnalysisPlan = {
  metrics: [],
  guardrails: [
    {
      name: 'errors',
      measure: { kind: 'error-rate' },
      direction: 'lower-is-better',
      margin: 0.01,
    },
    {
      name: 'latency',
      measure: { kind: 'latency', quantilePercent: 95 },
      direction: 'lower-is-better',
      margin: 50,
    },
  ],
  minUnitsPerVariant: 100,
};

export function comparison(changes: Partial<Comparison> = {}): Comparison {
  return {
    id: 'rollout.1',
    rolloutId: 'rollout',
    environment: 'production',
    model: 'diabetes',
    control: 1,
    variants: [
      { version: 1, sharePercent: 90 },
      { version: 2, sharePercent: 10 },
    ],
    isShadow: false,
    analysis: DEFAULT_ANALYSIS,
    looks: 1,
    startedAt: '2026-05-03T12:00:00.000Z',
    ...changes,
  };
}

export function comparedState(
  changes: Partial<ComparedState> = {},
): ComparedState {
  return {
    comparison: comparison(),
    knownBefore: { requests: 0, failures: 0, requestsInLastHour: 0 },
    thresholdsMicros: {},
    unitLimit: UNIT_LIMIT,
    arms: [],
    uncounted: 0,
    copiesLeftOut: 0,
    ...changes,
  };
}

export function addition(
  requests: Partial<CountedRequest>[],
  outcomes: CountedOutcome[] = [],
): ComparisonAddition {
  return {
    ...emptyAddition(),
    requests: requests.map(request => ({
      version: 1,
      unit: 0,
      status: 200,
      latencyMicros: 1_000,
      isCopy: false,
      agrees: -1,
      ...request,
    })),
    outcomes,
  };
}

/** What the store does, with its units in memory. */
export class MemoryComparison {
  readonly state: ComparedState;
  readonly #units = new Map<
    number,
    Map<number, { version: number; tallies: Map<string, UnitTally> }>
  >();
  readonly #maxUnits: number;

  constructor(state: ComparedState, maxUnits = 200_000) {
    this.state = state;
    this.#maxUnits = maxUnits;
  }

  count(added: ComparisonAddition): void {
    const additions = countAddition(this.state, added);
    const counted = addToUnits(
      this.state,
      additions,
      (version, unit) => this.#units.get(version)?.get(unit)?.tallies,
    );
    for (const { version, unit, tallies } of counted) {
      const units = this.#units.get(version) ?? new Map();
      this.#units.set(version, units.set(unit, { version, tallies }));
    }
    while (this.#kept() > this.#maxUnits) this.#sample();
  }

  #kept(): number {
    return this.state.arms.reduce((all, arm) => all + arm.unitsWithId, 0);
  }

  #sample(): void {
    this.state.unitLimit = halved(this.state.unitLimit);
    for (const units of this.#units.values()) {
      for (const unit of units.keys()) {
        if (unit >= this.state.unitLimit) units.delete(unit);
      }
    }
    const left = [...this.#units.values()].flatMap(units => [
      ...units.values(),
    ]);
    sampleUnits(this.state, left);
  }
}
