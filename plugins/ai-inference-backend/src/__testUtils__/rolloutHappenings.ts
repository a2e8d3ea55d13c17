import type { ComparisonVerdict } from '@greenroom/plugin-ai-monitoring-common';
import type { DesiredDeployment } from '@greenroom/plugin-ai-registry-common';
import fc from 'fast-check';
import {
  pauseRollout,
  rejectRollout,
  restartRollout,
  resumeRollout,
  skipAnalysis,
} from '../rollouts/steer';

export const VERSIONS = [1, 2, 3, 4];

export const ACTS = {
  pause: pauseRollout,
  resume: resumeRollout,
  abort: rejectRollout,
  restart: restartRollout,
  skip: skipAnalysis,
};

/** What may happen to a deployment. */
export type RolloutHappening =
  | {
      what: 'push';
      version: number;
      kind: DesiredDeployment['kind'];
      strategy?: 'canary' | 'experiment' | 'shadow' | 'adaptive';
      steps: number[];
      /** What comes after each share of a canary. */
      after?: 'pause' | 'analysis' | 'nothing';
      rollbackTo?: number;
    }
  | { what: 'steer'; act: keyof typeof ACTS }
  /** What a data plane says of a version from now on; it had it loaded before or not. */
  | { what: 'node'; node: number; version: number; state: string }
  | { what: 'restart'; node: number }
  /** A data plane takes the traffic from a version by itself, or gives it back. */
  | { what: 'brake' | 'release'; node: number; version: number }
  /** What the analysis says from now on, of a version of what is compared. */
  | {
      what: 'verdict';
      verdict: ComparisonVerdict['kind'] | 'away' | 'nothing-counted';
      version: number;
      isEnough: boolean;
      chance: number;
    }
  | { what: 'offline' | 'online'; node: number }
  | { what: 'remove' }
  | { what: 'wait'; seconds: number };

export const event: fc.Arbitrary<RolloutHappening> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('push' as const),
      version: fc.constantFrom(...VERSIONS),
      kind: fc.constantFrom('promotion', 'promotion', 'rollback', 'push'),
      strategy: fc.constantFrom('canary', 'experiment', 'shadow', 'adaptive'),
      steps: fc
        .uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 3 })
        .map(steps => steps.sort((a, b) => a - b)),
      after: fc.constantFrom('pause', 'analysis', 'nothing'),
      rollbackTo: fc.option(fc.constantFrom(...VERSIONS), { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('steer' as const),
      act: fc.constantFrom(
        'pause',
        'resume',
        'resume',
        'abort',
        'restart',
        'skip',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('brake' as const, 'release' as const),
      node: fc.nat({ max: 2 }),
      version: fc.constantFrom(...VERSIONS),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('verdict' as const),
      verdict: fc.constantFrom(
        'take-back',
        'better',
        'not-worse',
        'undecided',
        'away',
        'nothing-counted',
      ),
      version: fc.constantFrom(...VERSIONS),
      isEnough: fc.boolean(),
      chance: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('node' as const),
      node: fc.nat({ max: 2 }),
      version: fc.constantFrom(...VERSIONS),
      state: fc.constantFrom('loading', 'ready', 'ready', 'failed'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom(
        'restart' as const,
        'offline' as const,
        'online' as const,
      ),
      node: fc.nat({ max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('remove' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('wait' as const),
      seconds: fc.integer({ min: 1, max: 100 }),
    }),
  },
);

/** A version that serves, and data planes that have all others. */
export const SETTLED: RolloutHappening[] = [
  ...[0, 1, 2].flatMap(node =>
    VERSIONS.map(version => ({
      what: 'node' as const,
      node,
      version,
      state: 'ready',
    })),
  ),
  { what: 'push', version: 1, kind: 'push', steps: [] },
];
