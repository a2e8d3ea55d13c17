import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import {
  BASELINE,
  NOON,
  recordBatch,
  recordGroup,
} from '../__testUtils__/fixtures';
import { totalsOfTable } from '../__testUtils__/totals';
import { rollUp } from '../records/rollUp';
import { PACKAGE_NAME } from '../router';
import { WindowStore } from './WindowStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

async function start() {
  const client = await databases.init('POSTGRES_18');
  const knex = await migrateDatabase({
    database: mockServices.database.mock({ getClient: async () => client }),
    packageName: PACKAGE_NAME,
  });
  const store = new WindowStore({ knex });
  return { knex, store };
}

const scope = { environment: 'production', model: 'diabetes' };
const always = { fromMillis: 0, toMillis: 4e12 };

describe('WindowStore', () => {
  it('stores any number of windows, and refuses to read too many', async () => {
    const { knex, store } = await start();
    const many = rollUp(
      recordBatch([
        recordGroup({ count: 20_001, everyMillis: 10_000, samples: false }),
      ]),
      () => undefined,
    );
    await knex.transaction(tx => store.add(tx, many));
    await knex.transaction(tx => store.add(tx, many));
    await expect(store.listTraffic({ ...scope, ...always })).rejects.toThrow(
      'The range has more than 20000 windows of time: ask for a shorter one',
    );
    const some = await store.listTraffic({
      ...scope,
      fromMillis: NOON,
      toMillis: NOON + 60_000,
    });
    expect(some.map(({ requests }) => requests)).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('lets adders of several parts in between, and loses no count', async () => {
    const { knex, store } = await start();
    const group = {
      ...recordGroup({ count: 200, everyMillis: 10_000 }),
      limited: new Array<number>(200).fill(1),
    };
    const windows = rollUp(recordBatch([group]), () => BASELINE);
    const backwards = [windows.slice(100), windows.slice(0, 100)];
    const adders = Array.from({ length: 12 }, (_, index) =>
      knex.transaction(async tx => {
        const inParts = index % 2 === 0;
        await store.lock(tx, { alone: inParts });
        const parts = inParts ? backwards : [windows];
        for (const part of parts) await store.add(tx, part);
      }),
    );
    await Promise.all(adders);
    const { totals } = await totalsOfTable(store);
    expect(totals.requests).toBe(12 * 200);
    expect(totals.limited).toBe(12 * 200);
    expect(totals.sampledRows).toBe(12 * 200);
  });

  it('says how many profiles there are before they are read', async () => {
    const { knex, store } = await start();
    const query = { ...scope, ...always, version: 1 };
    expect(await store.measureProfiles(query)).toEqual({
      windows: 0,
      coarsestSeconds: 0,
    });
    const group = recordGroup({ count: 20, everyMillis: 10_000 });
    await knex.transaction(tx =>
      store.add(
        tx,
        rollUp(recordBatch([group]), () => BASELINE),
      ),
    );
    expect(await store.measureProfiles(query)).toEqual({
      windows: 20,
      coarsestSeconds: 10,
    });
  });
});
