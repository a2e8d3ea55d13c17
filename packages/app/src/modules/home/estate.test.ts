import type {
  Deployment,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import type {
  Promotion,
  PromotionState,
} from '@greenroom/plugin-ai-registry-common';
import { estateRows, nextMove, recentChanges, unsettled } from './estate';

const ADA = 'user:default/ada';
const GRACE = 'user:default/grace';

function promotion(
  state: PromotionState,
  rest?: Partial<Promotion>,
): Promotion {
  return {
    id: 'p1',
    kind: 'promotion',
    model: 'digits',
    version: 2,
    environment: 'production',
    reason: 'better',
    requestedBy: ADA,
    createdAt: '2026-05-03T10:00:00Z',
    updatedAt: '2026-05-03T10:00:00Z',
    state,
    steps: [],
    gates: [],
    reviews: [],
    overrides: [],
    ...rest,
  };
}

function rollout(rest: Partial<Rollout>): Rollout {
  return {
    id: 'r1',
    environment: 'production',
    model: 'digits',
    fromVersion: 1,
    toVersion: 2,
    kind: 'promotion',
    plan: {
      strategy: 'canary',
      steps: [{ weightPercent: 10, holdSeconds: 30 }],
    },
    state: { phase: 'loading' },
    commit: 'abc',
    startedAt: '2026-05-03T10:05:00Z',
    history: [],
    ...rest,
  };
}

function deployment(rest: Partial<Deployment>): Deployment {
  return {
    environment: 'production',
    model: 'digits',
    variants: [{ version: 1, digest: 'sha256:1', weightPercent: 100 }],
    wanted: {
      version: 1,
      digest: 'sha256:1',
      commit: 'abc',
      since: '2026-05-03T10:00:00Z',
    },
    convergence: { state: 'serving' },
    dataPlanes: { ready: 1, total: 1, degraded: [] },
    updatedAt: '2026-05-03T10:00:00Z',
    ...rest,
  };
}

function health(rest: Partial<ModelHealth>): ModelHealth {
  return {
    model: 'digits',
    environment: 'production',
    status: 'healthy',
    span: { from: '2026-05-03T09:55:00Z', to: '2026-05-03T10:00:00Z' },
    reasons: [],
    unwatched: [],
    requestsPerSecond: 1,
    errorRate: 0,
    sparkline: [],
    ...rest,
  };
}

describe('estateRows', () => {
  it('has a row an environment, the worst first, and one for a model that runs nowhere', () => {
    const rows = estateRows(
      [
        { name: 'digits', title: 'Digits' },
        { name: 'diabetes', title: 'Diabetes' },
        { name: 'new', title: 'New' },
      ],
      [deployment({}), deployment({ environment: 'staging' })],
      [health({}), health({ model: 'diabetes', status: 'alert' })],
    );
    expect(rows.map(row => [row.id, row.health?.status])).toEqual([
      ['diabetes/production', 'alert'],
      ['digits/production', 'healthy'],
      ['digits/staging', undefined],
      ['new', undefined],
    ]);
    expect(rows[1].deployment?.environment).toBe('production');
  });
});

describe('nextMove', () => {
  it('asks a second person to review, never the author', () => {
    const waiting = promotion({ phase: 'awaiting-review' });
    expect(nextMove(waiting, ADA).who).toBe('reviewer');
    expect(nextMove(waiting, GRACE).who).toBe('you');
  });

  it('asks the author to look at failed gates and failed steps', () => {
    const blocked = promotion({
      phase: 'blocked',
      failedGates: ['evaluation'],
    });
    expect(nextMove(blocked, ADA).who).toBe('you');
    expect(nextMove(blocked, GRACE)).toEqual({
      who: 'person',
      entityRef: ADA,
      what: 'has to look at a failed gate',
    });
    const failed = promotion({ phase: 'failed', step: 'merge', error: 'no' });
    expect(nextMove(failed, ADA).who).toBe('you');
  });

  it('asks nobody while the portal works', () => {
    expect(nextMove(promotion({ phase: 'checking' }), ADA).who).toBe('nobody');
    expect(nextMove(promotion({ phase: 'merging' }), GRACE).who).toBe('nobody');
  });
});

describe('unsettled', () => {
  it('has each deployment once that does not serve what is wanted', () => {
    const moving = deployment({
      convergence: { state: 'moving', reason: 'loading' },
    });
    const degraded = deployment({
      model: 'diabetes',
      convergence: { state: 'degraded', reason: 'no memory' },
    });
    expect(
      unsettled([moving], [moving, degraded, deployment({ model: 'well' })]),
    ).toEqual([moving, degraded]);
  });
});

describe('recentChanges', () => {
  it('tells when each thing happened, newest first, and stops at the limit', () => {
    const changes = recentChanges(
      [
        promotion(
          {
            phase: 'rolling-out',
            commit: 'abc',
            mergedAt: '2026-05-03T11:00:00Z',
          },
          {
            reviews: [
              {
                reviewer: GRACE,
                verdict: 'approved',
                comment: '',
                at: '2026-05-03T10:59:00Z',
              },
            ],
          },
        ),
        promotion({ phase: 'checking' }, { id: 'p2' }),
      ],
      [
        rollout({
          state: { phase: 'completed', completedAt: '2026-05-03T12:00:00Z' },
        }),
        rollout({ id: 'old', startedAt: '2026-05-01T00:00:00Z' }),
      ],
      3,
    );
    expect(changes.map(({ id, text }) => [id, text])).toEqual([
      ['rollout/r1', 'version 2 in production has all the traffic'],
      ['promotion/p1', 'version 2 promoted to production'],
      ['promotion/p2', 'version 2 for production requested'],
    ]);
    expect(changes[1].by).toBe(GRACE);
  });
});
