import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import { addToDdSketch, createDdSketch } from '@greenroom/ml-kit';
import { PACKAGE_NAME } from '../router';
import type { TrafficWindow } from '../windows/WindowStore';
import { comparison } from './__testUtils__/comparison';
import { ComparisonSource } from './ComparisonSource';
import { ComparisonStore } from './ComparisonStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const PLAN = comparison({ isShadow: true });
const START_MILLIS = Date.parse(PLAN.startedAt);

/** Of that many requests that took 1 to 2 ms. */
function windowOf(requests: number): TrafficWindow {
  const latencyMicros = createDdSketch();
  for (let i = 0; i < requests; i++) {
    addToDdSketch(latencyMicros, 1_000 + (1_000 * i) / requests);
  }
  const startMillis = START_MILLIS - 60_000;
  const counts = { requests, limited: 0, serverErrors: 0 };
  return { startMillis, latencyMicros, ...counts } as TrafficWindow;
}

async function start(options: { isShadow: boolean; requests: number }) {
  const client = await databases.init('POSTGRES_18');
  const knex = await migrateDatabase({
    database: mockServices.database.mock({ getClient: async () => client }),
    packageName: PACKAGE_NAME,
  });
  const state = { requests: options.requests, nowMillis: START_MILLIS + 1_000 };
  const listTraffic = jest.fn(async () => [windowOf(state.requests)]);
  const store = new ComparisonStore({ knex, maxUnits: 1_000 });
  const source = new ComparisonSource({
    inference: {
      getComparison: async () => ({ ...PLAN, isShadow: options.isShadow }),
    },
    auth: mockServices.auth(),
    store,
    windows: { listTraffic },
    logger: mockServices.logger.mock(),
    clock: () => new Date(state.nowMillis),
  });
  const learn = async () => {
    await source.learn([PLAN.id]);
    return (await store.findPlan(PLAN.id))?.thresholdsMicros;
  };
  return { state, learn, listTraffic };
}

describe('ComparisonSource', () => {
  it("learns what is slow for a shadow's control as soon as it had enough requests", async () => {
    const { state, learn, listTraffic } = await start({
      isShadow: true,
      requests: 150,
    });
    expect(await learn()).toEqual({});
    state.requests = 400;
    // Not with every batch.
    state.nowMillis += 9_000;
    expect(await learn()).toEqual({});
    state.nowMillis += 2_000;
    const slow = (await learn())?.['latency/95/50'];
    // The p95 of 1 to 2 ms, and the margin
    expect((slow ?? 0) / 1_000).toBeCloseTo(51.95, 1);
    const looked = listTraffic.mock.calls.length;
    expect(listTraffic).toHaveBeenLastCalledWith(
      expect.objectContaining({
        version: 1,
        fromMillis: START_MILLIS - 24 * 3_600_000,
        toMillis: state.nowMillis,
      }),
    );
    state.requests = 800;
    state.nowMillis += 60_000;
    expect(await learn()).toEqual({ 'latency/95/50': slow });
    expect(listTraffic).toHaveBeenCalledTimes(looked);
  });

  it('leaves it to the first requests where they are told of as such', async () => {
    const { state, learn, listTraffic } = await start({
      isShadow: false,
      requests: 150,
    });
    expect(await learn()).toEqual({});
    state.requests = 400;
    state.nowMillis += 60_000;
    expect(await learn()).toEqual({});
    expect(listTraffic).toHaveBeenCalledTimes(1);
  });
});
