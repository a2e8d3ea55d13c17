import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import type { RecordGroup } from '@greenroom/plugin-ai-inference-common';
import { NOON, recordBatch, recordGroup } from '../__testUtils__/fixtures';
import { PACKAGE_NAME } from '../router';
import { KEEP_MILLIS, MOST_ROWS, RecentRowStore } from './RecentRowStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

async function start() {
  const client = await databases.init('POSTGRES_18');
  const knex = await migrateDatabase({
    database: mockServices.database.mock({ getClient: async () => client }),
    packageName: PACKAGE_NAME,
  });
  const store = new RecentRowStore({ knex });
  return {
    store,
    add: (groups: RecordGroup[], kept = ['diabetes']) =>
      knex.transaction(tx =>
        store.add(tx, recordBatch(groups), model => kept.includes(model)),
      ),
    list: (model = 'diabetes', version?: number) =>
      store.list({ environment: 'production', model, version, limit: 5_000 }),
  };
}

describe('RecentRowStore', () => {
  it('keeps the rows of models that ask for it, and of no other', async () => {
    const { add, list } = await start();
    const odd = recordGroup({ count: 2 });
    odd.samples[1].features = ['a\u0000b', null];
    await add([
      odd,
      recordGroup({ version: 2, count: 1, startMillis: NOON + 1_000 }),
      recordGroup({ model: 'digits' }),
      recordGroup({ version: 0, count: 1 }),
    ]);
    expect(await list()).toEqual([
      {
        version: 2,
        at: new Date(NOON + 1_000).toISOString(),
        features: [0, 0],
        prediction: 'ill',
      },
      {
        version: 1,
        at: new Date(NOON + 10).toISOString(),
        features: ['a\u0000b', null],
        prediction: 'well',
      },
      expect.objectContaining({ version: 1, features: [0, 0] }),
    ]);
    expect(await list('diabetes', 2)).toHaveLength(1);
    expect(await list('digits')).toEqual([]);
  });

  it('keeps the newest 2,000, and fewer of wide rows', async () => {
    const { add, list } = await start();
    for (const startMillis of [NOON, NOON + 100_000]) {
      await add([recordGroup({ count: 1_500, startMillis })]);
    }
    const rows = await list();
    expect(rows).toHaveLength(MOST_ROWS);
    expect(Date.parse(rows[0].at)).toBe(NOON + 100_000 + 14_990);
    const wide = recordGroup({ count: 300, startMillis: NOON + 200_000 });
    const features = new Array<number>(10_000).fill(0);
    await add([
      { ...wide, samples: wide.samples.map(each => ({ ...each, features })) },
    ]);
    expect(await list()).toHaveLength(100);
  });

  it('forgets rows after a day, and those of models that ask no more', async () => {
    const { store, add, list } = await start();
    const both = ['diabetes', 'digits'];
    const late = { count: 1, startMillis: NOON + 1_000 };
    await add(
      [
        recordGroup({ count: 1 }),
        recordGroup(late),
        recordGroup({ ...late, model: 'digits' }),
      ],
      both,
    );
    await store.forgetBefore(new Date(NOON + 500));
    expect(await list()).toHaveLength(1);
    await store.forgetOthers([{ environment: 'production', model: 'digits' }]);
    expect(await list()).toEqual([]);
    expect(await list('digits')).toHaveLength(1);
    await store.forgetOthers([]);
    expect(await list('digits')).toEqual([]);
    expect(KEEP_MILLIS).toBe(86_400_000);
  });
});
