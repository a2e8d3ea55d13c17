import { ConflictError } from '@backstage/errors';
import { chooseByWeight } from '@greenroom/ml-kit';
import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';
import type {
  DesiredDeployment,
  RolloutPlanStep,
} from '@greenroom/plugin-ai-registry-common';
import fc from 'fast-check';
import {
  type CurrentDeployment,
  decideDeploymentChange,
  startRollout,
  tidyDeployment,
} from '../deployments/deployment';
import { describeConvergence } from '../deployments/convergence';
import {
  weightOf,
  type TrafficSplit,
  withVersion,
} from '../deployments/trafficSplit';
import type { SeenDataPlane } from '../dataPlanes/loadProgress';
import { desiredDeployment, digestOf } from '../__testUtils__/fixtures';
import { advanceRollout } from './applyRolloutAction';
import {
  pauseRollout,
  rejectRollout,
  restartRollout,
  resumeRollout,
} from './steer';

const START_MILLIS = Date.parse('2026-05-03T12:00:00Z');
const DRAIN_MILLIS = 60_000;
const BUCKETS = Array.from({ length: 100 }, (_, index) => (index + 0.5) / 100);
const VERSIONS = [1, 2, 3, 4];
const ACTS = {
  pause: pauseRollout,
  resume: resumeRollout,
  abort: rejectRollout,
  restart: restartRollout,
};

type Node = Map<number, DataPlaneReport['models'][number]['state']>;

type Event =
  | {
      what: 'push';
      version: number;
      kind: DesiredDeployment['kind'];
      steps: number[];
      /** Whether somebody has to go on after each share. */
      pauses?: boolean;
      rollbackTo?: number;
    }
  | { what: 'steer'; act: keyof typeof ACTS }
  /** What a data plane says of a version from now on; it had it loaded before or not. */
  | { what: 'node'; node: number; version: number; state: string }
  | { what: 'restart'; node: number }
  | { what: 'offline' | 'online'; node: number }
  | { what: 'remove' }
  | { what: 'wait'; seconds: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    what: fc.constant('push' as const),
    version: fc.constantFrom(...VERSIONS),
    kind: fc.constantFrom('promotion', 'rollback', 'push'),
    steps: fc
      .uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 3 })
      .map(steps => steps.sort((a, b) => a - b)),
    pauses: fc.boolean(),
    rollbackTo: fc.option(fc.constantFrom(...VERSIONS), { nil: undefined }),
  }),
  fc.record({
    what: fc.constant('steer' as const),
    act: fc.constantFrom('pause', 'resume', 'resume', 'abort', 'restart'),
  }),
  fc.record({
    what: fc.constant('node' as const),
    node: fc.nat({ max: 2 }),
    version: fc.constantFrom(...VERSIONS),
    state: fc.constantFrom('loading', 'ready', 'ready', 'failed'),
  }),
  fc.record({
    what: fc.constantFrom(
      'restart' as const,
      'offline' as const,
      'online' as const,
    ),
    node: fc.nat({ max: 2 }),
  }),
  fc.record({ what: fc.constant('remove' as const) }),
  fc.record({
    what: fc.constant('wait' as const),
    seconds: fc.integer({ min: 1, max: 100 }),
  }),
);

function demand(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}

/** A deployment and three data planes, driven by events; each pass is checked. */
class World {
  nowMillis = START_MILLIS;
  current: CurrentDeployment | undefined;
  desired: DesiredDeployment | undefined;
  commits = 0;
  /** Most of the traffic that the running rollout's version had. */
  mostWeight = 0;
  readonly quorum: number;
  readonly nodes: Node[] = [new Map(), new Map(), new Map()];
  readonly online = [true, true, true];

  constructor(quorum: number) {
    this.quorum = quorum;
  }

  get now(): Date {
    return new Date(this.nowMillis);
  }

  handle(happened: Event): void {
    switch (happened.what) {
      case 'push': {
        const { version, kind, steps, pauses = false, rollbackTo } = happened;
        this.desired = desiredDeployment(version, {
          commit: `commit-${++this.commits}`,
          kind,
          rollout: {
            strategy: steps.length === 0 ? 'immediate' : 'canary',
            steps: steps.flatMap((weightPercent): RolloutPlanStep[] => [
              { weightPercent, holdSeconds: 30 },
              ...(pauses ? [{ pauseUntil: 'resumed' as const }] : []),
            ]),
          },
          ...(rollbackTo !== undefined && {
            rollbackTo: { version: rollbackTo, digest: digestOf(rollbackTo) },
          }),
        });
        break;
      }
      case 'node':
        this.nodes[happened.node].set(
          happened.version,
          happened.state as 'ready',
        );
        break;
      case 'restart':
        this.nodes[happened.node].clear();
        break;
      case 'remove':
        this.desired = undefined;
        break;
      case 'steer':
        this.steer(happened.act);
        break;
      case 'wait':
        this.nowMillis += happened.seconds * 1_000;
        break;
      default:
        this.online[happened.node] = happened.what === 'online';
    }
    this.reconcile();
    this.pass();
  }

  /** As the service does it; what makes no sense is refused. */
  steer(act: keyof typeof ACTS): void {
    const { current, now } = this;
    if (!current || current.deployment.withdrawnAt) return;
    const { rollout, deployment } = current;
    const { split, provenVersion } = deployment;
    try {
      const after = ACTS[act](
        { rollout, split, provenVersion },
        { by: 'user:default/grace', reason: 'because', now },
      );
      const { toVersion: version, toDigest: digest } = rollout;
      this.current = {
        rollout: after.rollout,
        deployment: {
          ...deployment,
          split: withVersion(after.split, { version, digest }),
        },
      };
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  reconcile(): void {
    const { current, desired, now } = this;
    if (!desired) {
      if (current && !current.deployment.withdrawnAt) {
        current.deployment.withdrawnAt = now.toISOString();
        current.rollout.state = {
          phase: 'superseded',
          supersededAt: now.toISOString(),
        };
      }
      return;
    }
    const gone = current?.deployment.withdrawnAt;
    const remembered =
      gone && Date.parse(gone) + DRAIN_MILLIS < this.nowMillis
        ? undefined
        : current;
    const change = decideDeploymentChange(remembered, desired);
    if (change.kind === 'none') return;
    if (change.kind === 'note' && remembered) {
      remembered.deployment.commit = desired.commit;
      remembered.deployment.rollbackTo = desired.rollbackTo?.version;
      return;
    }
    this.mostWeight = 0;
    this.current = startRollout({
      current: remembered,
      desired,
      rolloutId: `rollout-${this.commits}-${this.nowMillis}`,
      now,
    });
  }

  dataPlanes(): (SeenDataPlane & {
    firstSeenAt: string;
    lastSeenAt: string;
    snapshotAsOf: string;
  })[] {
    return this.nodes.map((node, index) => ({
      publicUrl: `http://node-${index}`,
      online: this.online[index],
      firstSeenAt: this.now.toISOString(),
      lastSeenAt: this.now.toISOString(),
      snapshotAsOf: this.now.toISOString(),
      models: [...node].map(([version, state]) => ({
        model: 'digits',
        version,
        digest: digestOf(version),
        state,
      })),
    }));
  }

  isReady(version: number): boolean {
    return this.nodes.some(
      (node, index) => this.online[index] && node.get(version) === 'ready',
    );
  }

  pass(): void {
    const { current } = this;
    if (!current || current.deployment.withdrawnAt) return;
    const { deployment } = current;
    const before = deployment.split;
    const { rollout, split, provenVersion } = advanceRollout({
      rollout: current.rollout,
      split: before,
      provenVersion: deployment.provenVersion,
      dataPlanes: this.dataPlanes(),
      quorum: this.quorum,
      now: this.now,
    });
    this.check({ before, after: split, base: deployment.provenVersion });
    this.current = {
      rollout,
      deployment: tidyDeployment(
        { rollout, deployment: { ...deployment, split, provenVersion } },
        { now: this.now, drainMillis: DRAIN_MILLIS },
      ),
    };
    this.checkShape();
  }

  /** What has to be true of each pass. */
  private check(moved: {
    before: TrafficSplit;
    after: TrafficSplit;
    base?: number;
  }): void {
    const { before, after, base } = moved;
    const { rollout } = this.current!;
    const target = rollout.toVersion;
    const isPaused = 'paused' in rollout.state && rollout.state.paused;
    for (const { version, weightPercent } of after) {
      if (weightPercent > weightOf(before, version)) {
        // Traffic only moves to the new version or to the proven one, and to where it can be answered.
        demand([target, base].includes(version), `${version} gets traffic`);
        demand(this.isReady(version), `nobody runs ${version}`);
        // What a data plane came back for is what it had.
        demand(
          !isPaused || version !== target || weightPercent <= this.mostWeight,
          `${version} gets more although it is paused`,
        );
      }
    }
    this.mostWeight = Math.max(this.mostWeight, weightOf(after, target));
    const weights = (split: TrafficSplit) =>
      split.map(({ weightPercent }) => weightPercent);
    for (const bucket of BUCKETS) {
      const was = before[chooseByWeight(bucket, weights(before))].version;
      const is = after[chooseByWeight(bucket, weights(after))].version;
      // A caller stays, or moves to the new version, or to the proven one.
      demand([was, target, base].includes(is), `${was} moved to ${is}`);
      // Nobody leaves the new version while a data plane runs it.
      demand(
        is === was || was !== target || !this.isReady(target),
        `left ${was} for ${is}`,
      );
    }
  }

  /** What has to be true after each pass. */
  private checkShape(): void {
    const { current } = this;
    if (!current) return;
    const { split, provenVersion } = current.deployment;
    const { toVersion, state } = current.rollout;
    const weighted = split.filter(({ weightPercent }) => weightPercent > 0);
    const sum = weighted.reduce((all, v) => all + v.weightPercent, 0);
    demand(sum === 100, `the weights add to ${sum}`);
    demand(
      state.phase === 'rejected' ||
        split.some(({ version }) => version === toVersion),
      'the new version is missing',
    );
    demand(
      state.phase !== 'rejected' || weightOf(split, toVersion) === 0,
      'the version that was taken back has traffic',
    );
    if (provenVersion === undefined) return;
    demand(
      split.some(({ version }) => version === provenVersion),
      'the proven version is missing',
    );
    if (state.phase === 'completed' || !this.isReady(provenVersion)) return;
    for (const { version } of weighted) {
      demand(
        version === toVersion || version === provenVersion,
        `${version} was superseded and has traffic`,
      );
      demand(this.isReady(version), `nobody runs ${version}`);
    }
  }
}

const sequence = fc.record({
  quorum: fc.integer({ min: 1, max: 3 }),
  events: fc.array(event, { minLength: 1, maxLength: 40 }),
});

describe('any sequence of pushes, steps and failures', () => {
  it('moves traffic only to where it can be answered, and nobody for nothing', () => {
    fc.assert(
      fc.property(sequence, ({ quorum, events }) => {
        const world = new World(quorum);
        expect(() => events.forEach(item => world.handle(item))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('reaches what is wanted when the data planes are well', () => {
    fc.assert(
      fc.property(
        sequence,
        fc.constantFrom(...VERSIONS),
        ({ quorum, events }, version) => {
          const world = new World(quorum);
          for (const happened of events) world.handle(happened);
          world.handle({
            what: 'push',
            version,
            kind: 'push',
            steps: [20, 60],
          });
          world.nodes.forEach((node, index) => {
            world.online[index] = true;
            for (const known of VERSIONS) node.set(known, 'ready');
          });
          for (let pass = 0; pass < 8; pass++) {
            world.handle({ what: 'wait', seconds: 30 });
            // The plan may be one that was paused before.
            world.handle({ what: 'steer', act: 'resume' });
          }
          const { current } = world;
          if (!current) throw new Error('There is a manifest');
          expect(current.rollout.state.phase).toBe('completed');
          expect(current.deployment.provenVersion).toBe(version);
          expect(weightOf(current.deployment.split, version)).toBe(100);
          expect(
            describeConvergence({
              rollout: current.rollout,
              split: current.deployment.split,
              dataPlanes: world.dataPlanes(),
              changedAt: world.now.toISOString(),
              needed: quorum,
              now: world.now,
            }).convergence,
          ).toEqual({ state: 'serving' });
        },
      ),
      { numRuns: 200 },
    );
  });
});
