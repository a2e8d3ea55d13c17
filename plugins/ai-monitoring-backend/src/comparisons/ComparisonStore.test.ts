import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import { createRandom, nextInteger, nextUniform } from '@greenroom/ml-kit';
import { PACKAGE_NAME } from '../router';
import {
  addition,
  comparedState,
  comparison,
  MemoryComparison,
} from './__testUtils__/comparison';
import { sumsOf, UNIT_LIMIT } from './comparedState';
import { ComparisonStore } from './ComparisonStore';
import { type ComparisonAddition, emptyAddition } from './countRequests';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const NOW = new Date('2026-05-03T12:00:00Z');
const PLAN = comparison({
  analysis: {
    metrics: [
      {
        name: 'clicks',
        measure: { kind: 'outcome', outcome: 'clicked' },
        direction: 'higher-is-better',
        margin: 0.02,
        alpha: 0.05,
        power: 0.8,
      },
    ],
    guardrails: comparison().analysis.guardrails,
    minUnitsPerVariant: 10,
  },
});
const THRESHOLDS = { 'latency/95/50': 60_000 };

async function start(options: { maxUnits?: number; learn?: boolean } = {}) {
  const { maxUnits = 200_000, learn = true } = options;
  const client = await databases.init('POSTGRES_18');
  const knex = await migrateDatabase({
    database: mockServices.database.mock({ getClient: async () => client }),
    packageName: PACKAGE_NAME,
  });
  const store = new ComparisonStore({ knex, maxUnits });
  const learnt = {
    comparison: PLAN,
    knownBefore: { requests: 7, failures: 1, requestsInLastHour: 3 },
    thresholdsMicros: THRESHOLDS,
  };
  if (learn) await store.learn(learnt, NOW);
  const count = (
    additions: [string, ComparisonAddition][],
    model = 'diabetes',
  ) =>
    knex.transaction(tx =>
      store.count(tx, new Map(additions), {
        environment: 'production',
        models: new Map(additions.map(([id]) => [id, model])),
        now: NOW,
      }),
    );
  return { knex, store, learnt, count };
}

const random = createRandom(5);

/** Requests of some callers, a few of whom come again and again. */
function someAddition(size: number): ComparisonAddition {
  const entries = Array.from({ length: size }, () => ({
    version: 1 + nextInteger(random, 2),
    unit: nextInteger(random, 4) === 0 ? 0 : 1 + nextInteger(random, 2 ** 32),
    status: nextInteger(random, 10) === 0 ? 503 : 200,
    latencyMicros: 1_000 + nextInteger(random, 100_000),
  }));
  const again = entries.slice(0, 5);
  return addition(
    [...entries, ...again],
    entries.slice(0, 20).map(({ version, unit }) => ({
      version,
      unit,
      name: 'clicked',
      value: nextUniform(random) < 0.3 ? 1 : 0,
      ...(unit % 2 === 0 && { covariate: nextInteger(random, 9) }),
    })),
  );
}

describe('ComparisonStore', () => {
  it('counts as in memory, over many batches', async () => {
    const { store, count } = await start();
    const memory = new MemoryComparison(
      comparedState({
        comparison: PLAN,
        knownBefore: { requests: 7, failures: 1, requestsInLastHour: 3 },
        thresholdsMicros: { ...THRESHOLDS },
      }),
    );
    const repeated = someAddition(40);
    for (const added of [repeated, someAddition(60), repeated]) {
      await count([[PLAN.id, added]]);
      memory.count(added);
    }
    const state = await store.find(PLAN.id);
    const byVersion = [...memory.state.arms].sort(
      (a, b) => a.version - b.version,
    );
    expect(state).toEqual({ ...memory.state, arms: byVersion });
    const [control] = byVersion;
    expect(sumsOf(control, 'error-rate').n).toBe(control.requests);
    expect(sumsOf(control, 'outcome/clicked').n).toBeGreaterThan(5);
  });

  it('is exact when batches arrive at the same time, for several comparisons in any order', async () => {
    const { store, count, learnt } = await start();
    const other = { ...PLAN, id: 'rollout.2' };
    await store.learn({ ...learnt, comparison: other }, NOW);
    const once = addition([
      { unit: 5, version: 1 },
      { unit: 6, version: 2, status: 500 },
      { unit: 0, version: 2 },
    ]);
    const each: [string, ComparisonAddition][] = [
      [PLAN.id, once],
      [other.id, once],
    ];
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        count(i % 2 === 0 ? each : [...each].reverse()),
      ),
    );
    for (const id of [PLAN.id, other.id]) {
      const state = await store.find(id);
      const [, treatment] = state?.arms ?? [];
      expect(treatment).toMatchObject({
        requests: 24,
        unitsWithId: 1,
        unitsWithoutId: 12,
      });
      expect(sumsOf(treatment, 'error-rate')).toMatchObject({
        units: 13,
        n: 24,
        sum: 12,
        nSquared: 144 + 12,
        sumSquared: 144,
      });
    }
  });

  it('keeps a fair sample of callers when there are more than it may keep', async () => {
    const { knex, store, count } = await start({ maxUnits: 500 });
    const units = Array.from({ length: 3_000 }, () =>
      Math.floor(nextUniform(random) * UNIT_LIMIT),
    );
    for (let from = 0; from < units.length; from += 500) {
      await count([
        [
          PLAN.id,
          addition(
            units.slice(from, from + 500).map((unit, i) => ({
              unit,
              version: 1 + (i % 2),
            })),
          ),
        ],
      ]);
    }
    const state = await store.find(PLAN.id);
    const kept =
      state?.arms.reduce((all, arm) => all + arm.unitsWithId, 0) ?? 0;
    expect(kept).toBeLessThanOrEqual(500);
    expect(kept).toBeGreaterThan(200);
    const limit = state?.unitLimit ?? 0;
    expect(Math.log2(UNIT_LIMIT / limit)).toBe(3);
    expect(kept).toBe(units.filter(unit => unit < limit).length);
    const [{ rows }] = await knex('comparison_units').count('* as rows');
    expect(Number(rows)).toBe(kept);
    const sums = state?.arms.map(arm => sumsOf(arm, 'error-rate').units) ?? [];
    expect(sums[0] + sums[1]).toBe(kept);
  });

  it('counts what it knows no plan of as uncounted, and goes on when it does', async () => {
    const { store, count, learnt } = await start({ learn: false });
    const added = addition([{ unit: 1 }, { unit: -1 }, { unit: 0 }]);
    await count([[PLAN.id, added]]);
    expect(await store.find(PLAN.id)).toBeUndefined();
    await store.learn(learnt, NOW);
    await count([[PLAN.id, { ...added, uncounted: 5 }]]);
    const state = await store.find(PLAN.id);
    expect(state).toMatchObject({
      uncounted: 7,
      arms: [{ version: 1, requests: 2 }],
    });
  });

  it('counts nothing of another model, nor of versions that are not compared', async () => {
    const { store, count } = await start();
    await count([[PLAN.id, addition([{ unit: 1 }])]], 'digits');
    await count([[PLAN.id, addition([{ unit: 1, version: 9 }])]]);
    expect(await store.find(PLAN.id)).toMatchObject({ uncounted: 2, arms: [] });
  });

  it('keeps the first plan of a comparison', async () => {
    const { store, learnt } = await start();
    const later = { ...PLAN, looks: 9 };
    await store.learn({ ...learnt, comparison: later }, NOW);
    expect(await store.findPlan(PLAN.id)).toEqual({
      comparison: PLAN,
      thresholdsMicros: THRESHOLDS,
    });
    await store.addThresholds(PLAN.id, { 'latency/95/50': 1, other: 2 });
    expect(await store.findPlan(PLAN.id)).toMatchObject({
      thresholdsMicros: { ...THRESHOLDS, other: 2 },
    });
  });

  it('reads the other comparisons of a rollout that compare the same', async () => {
    const { store, learnt } = await start();
    const same = { ...PLAN, id: 'rollout.2' };
    const turned = { ...PLAN, id: 'rollout.3', control: 2 };
    const elsewhere = { ...PLAN, id: 'other.1', rolloutId: 'other' };
    for (const each of [same, turned, elsewhere]) {
      await store.learn({ ...learnt, comparison: each }, NOW);
    }
    const state = await store.find(PLAN.id);
    if (!state) throw new Error('It was learnt');
    const others = await store.listOthers(state);
    expect(others.map(other => other.comparison.id)).toEqual(['rollout.2']);
    // What a rollout was taken back on says nothing of it once it is begun anew.
    const anew = { ...PLAN, id: 'rollout.4', first: 4 };
    await store.learn({ ...learnt, comparison: anew }, NOW);
    const begunAnew = await store.find(anew.id);
    if (!begunAnew) throw new Error('It was learnt');
    expect(await store.listOthers(begunAnew)).toEqual([]);
  });

  it('forgets with everything what was not counted for long', async () => {
    const { knex, store, count } = await start();
    await count([[PLAN.id, addition([{ unit: 1 }])]]);
    await store.forgetBefore(NOW);
    expect(await store.find(PLAN.id)).toBeDefined();
    await store.forgetBefore(new Date(NOW.getTime() + 1));
    for (const table of [
      'comparisons',
      'comparison_arms',
      'comparison_units',
    ]) {
      expect(await knex(table)).toEqual([]);
    }
  });

  it('lists those that were counted lately', async () => {
    const { store, count } = await start();
    await count([['unknown.1', emptyAddition()]]);
    expect(await store.listCountedSince(NOW, 10)).toEqual([
      { id: PLAN.id, startedAt: PLAN.startedAt },
    ]);
    const later = new Date(NOW.getTime() + 1);
    expect(await store.listCountedSince(later, 10)).toEqual([]);
  });
});
