import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import type {
  TokenLimits,
  TokenUse,
} from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import { KeyStore } from '../keys/KeyStore';
import { PACKAGE_NAME } from '../router';
import { TokenUseStore } from './TokenUseStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const NOW = new Date('2026-05-03T12:00:00Z');
const TODAY = '2026-05-03';
const LIMITED = '00000000-0000-4000-8000-000000000001';
const BY_MINUTE = '00000000-0000-4000-8000-000000000002';
const live = new Set(['one', 'two']);

describe('TokenUseStore', () => {
  let knex: Knex;
  let store: TokenUseStore;

  const addKey = (id: string, limits: TokenLimits) =>
    new KeyStore({ knex }).insert({
      id,
      purpose: 'caller',
      name: id,
      owner: 'user:default/ada',
      sha256: id,
      prefix: 'gr_',
      models: ['*'],
      scopes: [],
      createdAt: NOW.toISOString(),
      createdBy: 'user:default/ada',
      expiresAt: '2027-01-01T00:00:00Z',
      limits,
    });
  beforeEach(async () => {
    const client = await databases.init('POSTGRES_18');
    knex = await migrateDatabase({
      database: mockServices.database.mock({ getClient: async () => client }),
      packageName: PACKAGE_NAME,
    });
    store = new TokenUseStore({ knex });
    await addKey(LIMITED, { perDay: 1_000, mode: 'hard' });
    await addKey(BY_MINUTE, { perMinute: 10, mode: 'hard' });
  });

  const use = (used: number, held: number, keyId = LIMITED): TokenUse => ({
    keyId,
    day: TODAY,
    used,
    held,
  });
  const lend = (
    producer: string,
    uses: TokenUse[],
    changes: { environment?: string; now?: Date } = {},
  ) =>
    store.lend({
      environment: 'production',
      producer,
      uses,
      live,
      now: NOW,
      ...changes,
    });
  const lease = (tokens: number, usedByAll: number) => ({
    keyId: LIMITED,
    day: TODAY,
    tokens,
    usedByAll,
  });

  it('lends nothing while nothing was used', async () => {
    expect(await lend('one', [])).toEqual([]);
    expect(await knex('token_use')).toEqual([]);
  });

  it('divides what is left, and lends no more than all may use together', async () => {
    // The other one may still use half of the day.
    expect(await lend('one', [use(400, 500)])).toEqual([]);
    expect(await lend('two', [])).toEqual([lease(300, 400)]);
    expect(await lend('one', [use(500, 500)])).toEqual([lease(700, 500)]);
    expect(await lend('two', [use(0, 300)])).toEqual([lease(250, 500)]);
    // Nothing is to be told anew, and nothing is written.
    const written = () =>
      knex('token_use').select(knex.raw('xmin::text as written_by'));
    await lend('two', [use(0, 250)]);
    const before = await written();
    expect(await lend('two', [use(0, 250)])).toEqual([]);
    expect(await written()).toEqual(before);
  });

  it('tells again and again that nothing is left, so that callers are told until when', async () => {
    const all = [use(1_000, 1_000)];
    expect(await lend('one', all)).toEqual([lease(1_000, 1_000)]);
    expect(await lend('one', [])).toEqual([lease(1_000, 1_000)]);
  });

  it('takes what is told twice once, and what is told late not back', async () => {
    await lend('one', [use(400, 500)]);
    await lend('one', [use(400, 500)]);
    await lend('one', [use(300, 500)]);
    expect(await store.usedToday([LIMITED], NOW)).toEqual(
      new Map([[LIMITED, [{ environment: 'production', tokens: 400 }]]]),
    );
  });

  it('counts each environment by itself', async () => {
    await lend('one', [use(400, 500)]);
    expect(
      await lend('one', [use(10, 400)], { environment: 'staging' }),
    ).toEqual([lease(500, 10)]);
  });

  it('takes no use of keys that it does not know, of other days, or of what is no id', async () => {
    await lend('one', [
      use(5, 5, '00000000-0000-4000-8000-000000000009'),
      use(5, 5, 'no-id'),
      { ...use(5, 5), day: '2026-05-01' },
    ]);
    expect(await knex('token_use')).toEqual([]);
  });

  it('lends nothing of keys without a limit of the day', async () => {
    expect(await lend('one', [use(5, 5, BY_MINUTE)])).toEqual([]);
  });

  it('lends to many who ask at once as if they had come one after the other', async () => {
    const names = Array.from({ length: 8 }, (_none, index) => `plane ${index}`);
    const all = new Set(names);
    await Promise.all(
      names.map(producer =>
        store.lend({
          environment: 'production',
          producer,
          uses: [use(100, 125)],
          live: all,
          now: NOW,
        }),
      ),
    );
    const [{ sum }] = await knex('token_use').sum('held');
    expect(Number(sum)).toBeLessThanOrEqual(1_000);
  });

  it('forgets days that are long over', async () => {
    await lend('one', [use(400, 500)]);
    await store.forgetOld(new Date('2026-05-10T12:00:00Z'));
    expect(await knex('token_use')).toHaveLength(1);
    await store.forgetOld(new Date('2026-05-11T12:00:00Z'));
    expect(await knex('token_use')).toEqual([]);
  });
});
