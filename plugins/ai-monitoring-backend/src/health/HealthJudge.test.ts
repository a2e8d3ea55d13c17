import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  ChangeLog,
  migrateDatabase,
  readPortalPages,
} from '@greenroom/ai-node';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import {
  BASELINE,
  NOON,
  recordBatch,
  recordGroup,
} from '../__testUtils__/fixtures';
import { BaselineSource } from '../baselines/BaselineSource';
import { RolloutSource } from '../markers/RolloutSource';
import type { Announcement } from '../events/announcement';
import { OwnerNotifier } from '../notices/OwnerNotifier';
import { rollUp } from '../records/rollUp';
import { PACKAGE_NAME } from '../router';
import { WindowStore } from '../windows/WindowStore';
import { HealthJudge } from './HealthJudge';
import { HealthReader } from './HealthReader';
import { HealthService } from './HealthService';
import { JudgingTurn } from './JudgingTurn';
import { RecentStore } from './RecentStore';
import { VerdictStore } from './VerdictStore';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

const THRESHOLDS = {
  minRequests: 20,
  serverErrorRateWarning: 0.01,
  serverErrorRateAlert: 0.05,
  clientErrorRateWarning: 0.2,
  driftedShareAlert: 0.2,
};

/** What the registry says of each version here. */
const DETAIL: Pick<ModelVersionDetail, 'baseline' | 'signature' | 'schema'> = {
  baseline: BASELINE,
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [],
  },
  schema: {
    task: 'classification',
    features: ['age', 'dose'].map((name, index) => ({
      name,
      tensor: 'x',
      index,
    })),
    prediction: { tensor: 'y' },
  },
};

function deploymentOf(model: string): Deployment {
  return {
    environment: 'production',
    model,
    wanted: {
      version: 1,
      digest: 'sha256:1',
      commit: 'c',
      since: '2026-05-03T10:00:00Z',
    },
    variants: [{ version: 1, digest: 'sha256:1', weightPercent: 100 }],
    convergence: { state: 'serving' },
    dataPlanes: { ready: 1, total: 1, degraded: [] },
    updatedAt: '2026-05-03T10:00:00Z',
  };
}

async function start(options: { models?: string[] } = {}) {
  const { models = ['diabetes'] } = options;
  const client = await databases.init('POSTGRES_18');
  const knex = await migrateDatabase({
    database: mockServices.database.mock({ getClient: async () => client }),
    packageName: PACKAGE_NAME,
  });
  let nowMillis = NOON;
  let queries = 0;
  knex.on('query', () => {
    queries += 1;
  });
  const clock = () => new Date(nowMillis);
  const send = jest.fn(async (_message: unknown) => {});
  const logger = mockServices.logger.mock();
  const auth = mockServices.auth();
  const answer = (url: string) => {
    if (url.includes('/deployments')) {
      return { items: models.map(deploymentOf), totalItems: models.length };
    }
    return url.includes('/versions/') ? DETAIL : { owner: 'group:default/lab' };
  };
  const clients = {
    discoveryApi: { getBaseUrl: async () => 'http://neighbour' },
    fetchApi: {
      fetch: async (url: RequestInfo | URL) =>
        Response.json(answer(String(url))),
    },
  };
  const registry = new AiRegistryClient(clients);
  const windows = new WindowStore({ knex });
  const verdicts = new VerdictStore({
    knex,
    changes: new ChangeLog<Announcement>({ knex }),
  });
  const rollouts = new RolloutSource({
    inference: new AiInferenceClient(clients),
    auth,
  });
  const reader = new HealthReader({
    recent: new RecentStore({ knex }),
    baselines: new BaselineSource({ registry, auth }),
    thresholds: THRESHOLDS,
    clock,
  });
  const createJudge = () => {
    const turn = new JudgingTurn({ knex });
    const judge = new HealthJudge({
      reader,
      verdicts,
      rollouts,
      notifier: new OwnerNotifier({
        registry,
        notifications: { send },
        pages: readPortalPages(
          mockServices.rootConfig({
            data: { greenroom: { pages: { 'ai-monitoring': '/watch' } } },
          }),
        ),
        auth,
      }),
      turn,
      rules: { worseMillis: 60_000, betterMillis: 300_000 },
      restMillis: 0,
      logger,
      clock,
    });
    return judge;
  };
  return {
    knex,
    send,
    logger,
    createJudge,
    service: new HealthService({ reader, verdicts, rollouts }),
    queries: () => queries,
    pass(seconds: number) {
      nowMillis += seconds * 1_000;
    },
    /** A minute of traffic up to now. */
    async call(
      group: Parameters<typeof recordGroup>[0] = {},
      some: string[] = models,
    ) {
      await knex.transaction(tx =>
        windows.add(
          tx,
          rollUp(
            recordBatch(
              some.map(model =>
                recordGroup({
                  model,
                  count: 150,
                  startMillis: nowMillis - 60_000,
                  everyMillis: 400,
                  ...group,
                }),
              ),
            ),
            () => BASELINE,
          ),
        ),
      );
    },
    /** Judging rests by the database's clock. */
    awake: () => knex('judging_turns').update({ taken_until: new Date(0) }),
  };
}

describe('HealthJudge', () => {
  it('remembers and tells when a model becomes better or worse, once', async () => {
    const { knex, createJudge, call, pass, awake } = await start();
    const look = async (status: number) => {
      for (let minute = 0; minute < 6; minute++) {
        pass(60);
        await call({ status: () => status });
        await awake();
        await createJudge().run(new AbortController().signal);
      }
    };
    await look(500);
    await look(200);
    const place = { environment: 'production', model: 'diabetes' };
    const entries = await knex('audit_entries').orderBy('id');
    expect(entries[0]).toMatchObject({
      ...place,
      actor: 'service:ai-monitoring',
      action: 'health-changed',
      before: { status: 'no-data' },
      after: { status: 'alert', reasons: [expect.stringContaining('%')] },
    });
    const statuses = entries.map(({ after }) => after.status);
    expect(statuses).toEqual([...new Set(statuses)]);
    expect(statuses.at(-1)).not.toBe('alert');
    const announcements = await knex('outbox')
      .orderBy('id')
      .pluck('announcement');
    expect(announcements[0]).toEqual({
      ...place,
      type: 'health-changed',
      status: 'alert',
      before: 'no-data',
    });
    expect(announcements).toHaveLength(entries.length);
  });

  it('tells the owners once that a model turned to alert, and once that it is well again', async () => {
    const { send, createJudge, call, pass, awake } = await start();
    const looks = async (minutes: number, status: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        pass(60);
        await call({ status: () => status });
        await awake();
        // Two control planes, and each of them new: nothing is kept in memory.
        const [one, two] = [createJudge(), createJudge()];
        const { signal } = new AbortController();
        await Promise.all([one.run(signal), two.run(signal)]);
      }
    };
    await looks(2, 200);
    expect(send).not.toHaveBeenCalled();
    await looks(5, 500);
    expect(send.mock.calls).toEqual([
      [
        {
          recipients: { type: 'entity', entityRef: 'group:default/lab' },
          payload: {
            title: "'diabetes' in production: alert",
            description: expect.stringMatching(
              /^\d+ % of the requests of the last 5 minutes failed/,
            ),
            link: '/watch/models/diabetes?environment=production',
            severity: 'high',
            topic: 'ai-monitoring-health',
            scope: 'health:production/diabetes',
          },
        },
      ],
    ]);
    await looks(12, 200);
    expect(send).toHaveBeenCalledTimes(2);
    expect(send).toHaveBeenLastCalledWith({
      recipients: { type: 'entity', entityRef: 'group:default/lab' },
      payload: expect.objectContaining({
        title: "'diabetes' in production: well again",
        severity: 'low',
      }),
    });
  });

  it('tells it later when it cannot be told now', async () => {
    const { send, logger, createJudge, call, pass, awake } = await start();
    send.mockRejectedValueOnce(new Error('no notifications today'));
    for (let minute = 0; minute < 5; minute++) {
      pass(60);
      await call({ status: () => 500 });
      await createJudge().run(new AbortController().signal);
      await awake();
    }
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('lists verdicts in pages, the worst first, and counts them all', async () => {
    const models = Array.from({ length: 25 }, (_, index) => `m${10 + index}`);
    const { service, createJudge, call } = await start({ models });
    await call({}, models.slice(0, 20));
    await call({ status: () => 500, startMillis: NOON - 30_000 }, ['m15']);
    await createJudge().run(new AbortController().signal);
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await service.list({ limit: 10, cursor });
      expect(page.counts).toMatchObject({
        alert: 1,
        healthy: 19,
        'no-data': 5,
      });
      names.push(...page.items.map(({ model }) => model));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(names[0]).toBe('m15');
    expect([...names].sort()).toEqual(models);
    expect(names.slice(20)).toEqual(models.slice(20));
    await expect(service.list({ cursor: 'W10' })).rejects.toThrow(
      'not one that this list gave',
    );
    expect(await service.list({ environment: 'staging' })).toMatchObject({
      items: [],
    });
  });

  it('asks the database no more for 200 models than for 50, but for their share of profiles', async () => {
    const count = async (size: number) => {
      const models = Array.from({ length: size }, (_, index) => `m${index}`);
      const { createJudge, call, queries, knex } = await start({ models });
      await call();
      const before = queries();
      await createJudge().run(new AbortController().signal);
      const asked = queries() - before;
      expect(await knex('verdicts').count()).toEqual([{ count: String(size) }]);
      return asked;
    };
    // 50 models are one turn: a few queries more a turn, and none a model.
    const [few, many] = [await count(50), await count(200)];
    expect(many).toBeLessThan(4 * few + 1);
    expect(many).toBeLessThan(60);
  });
});
