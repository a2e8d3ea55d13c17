import { TestDatabases } from '@backstage/backend-test-utils';
import type {
  AccessDocument,
  RoutesDocument,
} from '@greenroom/plugin-ai-inference-common';
import { EnvironmentConnections } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import { desiredDeployment, modelVersion } from '../__testUtils__/fixtures';
import { ConnectionStore } from '../connections/ConnectionStore';
import { KeyStore } from '../keys/KeyStore';
import { ChangeStore } from './ChangeStore';
import { DocumentFollower } from './DocumentFollower';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

const CONNECTION = {
  name: 'llm',
  kind: 'openai',
  settings: { secret: 'file:openai' },
};

describe('DocumentFollower', () => {
  let registry: FakeRegistry;
  let stores: Awaited<ReturnType<typeof createStores>>;
  let keys: KeyStore;
  let queries: string[];

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    registry.versions = [modelVersion(1), modelVersion(2)];
    stores = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
    keys = new KeyStore({ knex: stores.knex });
    queries = [];
    stores.knex.on('query', ({ sql }: { sql: string }) => queries.push(sql));
  });

  afterEach(() => registry.stop());

  /** As one process has it. */
  function follow(): DocumentFollower {
    return new DocumentFollower({
      changes: new ChangeStore({ knex: stores.knex }),
      deployments: stores.deployments,
      versionCopies: stores.versionCopies,
      deprecationCopies: stores.deprecationCopies,
      linkOf: model => `https://portal.example.org/${model}`,
      keys,
      connections: new EnvironmentConnections(
        new Map([['production', [CONNECTION]]]),
      ),
      connectionStore: new ConnectionStore({ knex: stores.knex }),
      batching: { maxRows: 64, maxDelayMicros: 0 },
      recordedRowsPerSecond: 50,
      clock: stores.clock,
    });
  }

  async function insertKey(tx?: Knex): Promise<string> {
    const id = randomUUID();
    await keys.insert(
      {
        id,
        purpose: 'caller',
        name: 'a key',
        owner: 'user:default/ada',
        models: ['*'],
        scopes: [],
        sha256: id,
        prefix: 'gr_abc',
        createdAt: stores.clock().toISOString(),
        createdBy: 'user:default/ada',
        expiresAt: '2030-01-01T00:00:00.000Z',
      },
      tx,
    );
    return id;
  }

  const soon = () =>
    new Promise(resolve => {
      setTimeout(resolve, 300);
    });

  async function accessSince(
    follower: DocumentFollower,
    since?: string,
  ): Promise<AccessDocument | undefined> {
    const known = since === undefined ? undefined : Number(since);
    const found = await follower.access('production', known);
    return found && JSON.parse(found.text);
  }

  it('tells of a deprecation, and of its end, without any change of a deployment', async () => {
    await stores.reconcile(desiredDeployment(1));
    const follower = follow();
    const deprecated = async () => {
      const { text } = await follower.routes('production');
      const { models }: RoutesDocument = JSON.parse(text);
      return models[0].deprecations;
    };
    expect(await deprecated()).toBeUndefined();
    const since = '2026-05-01T00:00:00.000Z';
    registry.deprecations = [
      {
        model: 'digits',
        since,
        message: 'Old.',
        deprecatedBy: 'user:default/ada',
      },
    ];
    await stores.reconcile(desiredDeployment(1));
    await soon();
    expect(await deprecated()).toEqual([
      { since, link: 'https://portal.example.org/digits' },
    ]);
    registry.deprecations = [];
    await stores.reconcile(desiredDeployment(1));
    await soon();
    expect(await deprecated()).toBeUndefined();
  });

  it('builds routes once for all who ask, and anew when anything about them changes', async () => {
    await stores.reconcile(desiredDeployment(1));
    const followers = [follow(), follow()];
    const ids = async () =>
      Promise.all(
        followers.map(async each => (await each.routes('production')).id),
      );
    const [first, same] = await ids();
    expect(same).toBe(first);
    queries.length = 0;
    for (let asked = 0; asked < 50; asked++) await ids();
    expect(queries.filter(sql => sql.includes('salt')).length).toBe(0);
    expect(queries.length).toBeLessThan(20);

    // Another process moves the traffic.
    await stores.reconcile(desiredDeployment(2));
    await soon();
    const [second, third] = await ids();
    expect([second === first, third]).toEqual([false, second]);
    const { text } = await followers[0].routes('production');
    expect(JSON.parse(text).models[0].variants).toHaveLength(2);
  });

  it('takes a change of the last use of a key for none', async () => {
    const id = await insertKey();
    const follower = follow();
    const { cursor } = (await accessSince(follower))!;
    await keys.recordUse([id], stores.clock());
    await soon();
    expect(await accessSince(follower, cursor)).toBeUndefined();
  });

  it('tells keys and revocations of other processes as changes', async () => {
    const first = await insertKey();
    const follower = follow();
    const all = (await accessSince(follower))!;
    expect(all.keys.map(({ id }) => id)).toEqual([first]);
    const second = await insertKey();
    await stores.knex.transaction(tx =>
      keys.revoke(tx, {
        id: first,
        revokedBy: 'user:default/ada',
        now: stores.clock(),
      }),
    );
    await soon();
    expect(await accessSince(follower, all.cursor)).toMatchObject({
      content: 'changes',
      keys: [{ id: second }],
      revoked: [first],
    });
  });

  it('misses no key that is committed after a later one was asked for', async () => {
    const follower = follow();
    const { cursor } = (await accessSince(follower))!;
    const { knex } = stores;
    const slow = await knex.transaction();
    const early = await insertKey(slow);
    // Waits for its turn, since its number must not be seen before the earlier one.
    const late = insertKey();
    await soon();
    expect(await accessSince(follower, cursor)).toBeUndefined();
    await slow.commit();
    const ids = [early, await late];
    await soon();
    const changes = await accessSince(follower, cursor);
    expect(changes?.keys.map(({ id }) => id)).toEqual(ids);
  });

  it('numbers what is written by sessions with another search path', async () => {
    const id = await insertKey();
    const { knex } = stores;
    const [{ change_id: before }] = await knex('api_keys').where({ id });
    await knex.transaction(async tx => {
      await tx.raw('set local search_path to pg_catalog');
      await tx.raw('update public.api_keys set name = ? where id = ?', [
        'renamed',
        id,
      ]);
    });
    const [{ change_id: after }] = await knex('api_keys').where({ id });
    expect(Number(after)).toBeGreaterThan(Number(before));
  });

  it('begins anew when the database was put back', async () => {
    await insertKey();
    const follower = follow();
    const { cursor } = (await accessSince(follower))!;
    await stores.knex('api_keys').delete();
    await soon();
    const after = await accessSince(follower, cursor);
    expect(after).toMatchObject({ content: 'all', keys: [] });
  });

  it('names connections, also where nothing is deployed, and when a check is asked for', async () => {
    const connections = new ConnectionStore({ knex: stores.knex });
    const [one, another] = [follow(), follow()];
    const told = async (follower: DocumentFollower) =>
      JSON.parse((await follower.routes('production')).text);
    const before = await told(one);
    expect(before.connections).toEqual([CONNECTION]);
    expect((await told(another)).id).toBe(before.id);
    await stores.knex.transaction(tx =>
      connections.askToCheck(
        tx,
        { environment: 'production', name: 'llm' },
        stores.clock(),
      ),
    );
    await soon();
    const after = await told(one);
    expect(after.connections).toEqual([{ ...CONNECTION, checkAttempt: 1 }]);
    expect((await told(another)).id).toBe(after.id);
    expect(JSON.parse((await one.routes('dev')).text).connections).toEqual([]);
  });
});
