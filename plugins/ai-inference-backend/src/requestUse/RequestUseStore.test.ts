import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import { KeyStore } from '../keys/KeyStore';
import { PACKAGE_NAME } from '../router';
import { RequestUseStore } from './RequestUseStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const NOW = new Date('2026-05-03T12:00:00Z');
const KEY = '00000000-0000-4000-8000-000000000001';
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);

describe('RequestUseStore', () => {
  let store: RequestUseStore;
  let count: () => Promise<number>;

  beforeEach(async () => {
    const client = await databases.init('POSTGRES_18');
    const knex = await migrateDatabase({
      database: mockServices.database.mock({ getClient: async () => client }),
      packageName: PACKAGE_NAME,
    });
    store = new RequestUseStore({ knex });
    count = async () => (await knex('request_use')).length;
    await new KeyStore({ knex }).insert({
      id: KEY,
      purpose: 'caller',
      name: 'limited',
      owner: 'user:default/ada',
      sha256: KEY,
      prefix: 'gr_',
      models: ['*'],
      scopes: [],
      createdAt: NOW.toISOString(),
      createdBy: 'user:default/ada',
      expiresAt: '2027-01-01T00:00:00Z',
    });
  });

  const use = (requests: number, keyId = KEY) => ({
    keyId,
    requests,
    rows: 2 * requests,
    refused: 1,
    mostInFlight: 3,
  });
  const tell = (
    producer: string,
    uses: ReturnType<typeof use>[],
    { environment = 'production', now = NOW } = {},
  ) => store.record({ environment, producer, uses, now });
  const shown = async (now = NOW) =>
    (await store.lastMinute([KEY], now)).get(KEY);

  it('adds up what the data planes of an environment told last', async () => {
    await tell('one', [use(10)]);
    await tell('one', [use(20)]);
    await tell('two', [use(5)]);
    await tell('three', [use(7)], { environment: 'staging' });
    expect(await shown()).toEqual([
      {
        environment: 'production',
        requests: 25,
        rows: 50,
        refused: 2,
        mostInFlight: 6,
      },
      {
        environment: 'staging',
        requests: 7,
        rows: 14,
        refused: 1,
        mostInFlight: 3,
      },
    ]);
  });

  it('shows nothing of what was told long ago, and forgets it', async () => {
    await tell('one', [use(10)]);
    expect(await shown(after(29))).toHaveLength(1);
    expect(await shown(after(31))).toBeUndefined();
    await store.forgetOld(after(3_599));
    expect(await count()).toBe(1);
    await store.forgetOld(after(3_601));
    expect(await count()).toBe(0);
  });

  it('takes nothing of keys that it does not know, and of what is no id', async () => {
    await tell('one', [
      use(1, '00000000-0000-4000-8000-000000000009'),
      use(1, 'no-id'),
    ]);
    expect(await count()).toBe(0);
  });
});
