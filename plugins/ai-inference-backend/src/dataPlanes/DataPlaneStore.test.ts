import { TestDatabases } from '@backstage/backend-test-utils';
import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import { dataPlaneReport, loadedVersion } from '../__testUtils__/fixtures';
import { DataPlaneStore } from './DataPlaneStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('DataPlaneStore', () => {
  let registry: FakeRegistry;
  let plane: Awaited<ReturnType<typeof createStores>>;

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    plane = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
  });

  afterEach(() => registry.stop());

  const exchange = async (snapshotId: string | undefined, current: string) => {
    await plane.dataPlanes.record({
      environment: 'production',
      report: dataPlaneReport([], { snapshotId }),
      currentSnapshotId: current,
      now: plane.clock(),
    });
    const [seen] = await plane.dataPlanes.list({ now: plane.clock() });
    plane.sleep(2);
    return seen.snapshotAsOf?.slice(17, 19);
  };

  it('knows as of when the snapshot is that a data plane serves', async () => {
    expect(await exchange(undefined, 'a')).toBeUndefined();
    // It serves what was current when it asked before, also when there is a newer one already.
    expect(await exchange('a', 'b')).toBe('00');
    expect(await exchange('b', 'c')).toBe('02');
    // It keeps an old one although it asks.
    expect(await exchange('b', 'd')).toBe('02');
    expect(await exchange('b', 'd')).toBe('02');
    expect(await exchange('d', 'd')).toBe('10');
    expect(await exchange('d', 'd')).toBe('12');
  });

  it('tells how busy a data plane is, and how large its versions are where that is asked for', async () => {
    const load = {
      requestsInFlight: 2,
      requestsPerSecond: 40.5,
      cpuShare: 0.3,
      memoryBytes: 100_000_000,
    };
    const version = loadedVersion(1);
    const { digest } = version;
    const at = { model: 'digits', digest: digest as Digest, sizeBytes: 78_000 };
    await plane.knex.transaction(async tx => {
      await plane.versionCopies.save(tx, {
        ...at,
        version: 1,
        signature: { inputs: [], outputs: [] },
      });
    });
    await plane.dataPlanes.record({
      environment: 'production',
      report: { ...dataPlaneReport([version]), load },
      currentSnapshotId: 'a',
      now: plane.clock(),
    });
    const list = async (withSizes: boolean) => {
      const now = plane.clock();
      const [seen] = await plane.dataPlanes.list({ withSizes, now });
      return seen;
    };
    expect(await list(true)).toMatchObject({
      load,
      models: [{ model: 'digits', sizeBytes: 78_000 }],
    });
    expect((await list(false)).models[0]).not.toHaveProperty('sizeBytes');
  });

  it('tells which versions a data plane has taken the traffic from, until it says otherwise', async () => {
    const brakes = [
      {
        model: 'digits',
        version: 2,
        digest: 'sha256:2',
        since: plane.clock().toISOString(),
        requests: 40,
        failures: 37,
        otherRequests: 350,
        otherFailures: 0,
        reason: 'it answers with 500',
      },
    ];
    const told = async () => {
      const [seen] = await plane.dataPlanes.list({ now: plane.clock() });
      return seen.brakes;
    };
    const common = {
      environment: 'production',
      currentSnapshotId: 'current',
      now: plane.clock(),
    };
    await plane.dataPlanes.record({
      ...common,
      report: dataPlaneReport([], { brakes }),
    });
    expect(await told()).toEqual(brakes);
    await plane.dataPlanes.touch({ ...common, report: dataPlaneReport([]) });
    expect(await told()).toBeUndefined();
    await plane.dataPlanes.touch({
      ...common,
      report: dataPlaneReport([], { brakes }),
    });
    expect(await told()).toEqual(brakes);
  });

  it('tells of named models only, when asked', async () => {
    await plane.report([
      loadedVersion(1),
      { ...loadedVersion(1), model: 'other' },
    ]);
    const list = (models?: string[]) =>
      plane.dataPlanes.list({ models, now: plane.clock() });
    expect((await list())[0].models).toHaveLength(2);
    expect((await list(['other', 'x']))[0].models).toEqual([
      { ...loadedVersion(1), model: 'other' },
    ]);
    expect((await list(['x']))[0].models).toEqual([]);
  });

  /** Rows of what data planes said of versions that some work read and wrote. */
  const touchedBy = (work: (store: DataPlaneStore) => Promise<unknown>) =>
    plane.knex.transaction(async tx => {
      const before = await countTouched(tx);
      await work(new DataPlaneStore({ knex: tx, offlineAfterMillis: 10_000 }));
      const after = await countTouched(tx);
      const [read, ...written] = after.map((count, at) => count - before[at]);
      return { read, written };
    });

  const record = (
    models: DataPlaneReport['models'],
    store = plane.dataPlanes,
    overrides: Partial<DataPlaneReport> = {},
  ) =>
    store.record({
      environment: 'production',
      report: dataPlaneReport(models, overrides),
      currentSnapshotId: 'current',
      now: plane.clock(),
    });

  const manyModels = Array.from({ length: 1_000 }, (_, index) => ({
    ...loadedVersion(1),
    model: `model-${index}`,
  }));

  it('reads only what is said of the named models', async () => {
    for (const producer of ['one', 'two', 'three', 'four']) {
      await record(manyModels, plane.dataPlanes, { producer });
    }
    await plane.knex.raw('analyze data_planes, data_plane_models');
    const { read } = await touchedBy(store =>
      store.list({ models: ['model-7', 'model-70'], now: plane.clock() }),
    );
    expect(read).toBe(8);
  });

  it('writes only what is other than in the report before', async () => {
    await record(manyModels);
    const written = async (models: DataPlaneReport['models']) =>
      (await touchedBy(store => record(models, store))).written;
    expect(await written(manyModels)).toEqual([0, 0, 0]);
    expect(await written([...manyModels].reverse())).toEqual([0, 0, 0]);
    const failed = { ...manyModels[0], state: 'failed', error: 'x' } as const;
    const [, removed, ...others] = manyModels;
    expect(await written([failed, ...others, loadedVersion(1)])).toEqual([
      1, 1, 1,
    ]);
    const [{ models }] = await plane.dataPlanes.list({ now: plane.clock() });
    expect(models).toHaveLength(1_000);
    expect(models).toContainEqual(failed);
    expect(models).not.toContainEqual(removed);
  });

  it('tells whether a report says something else', async () => {
    const says = async (...models: DataPlaneReport['models']) =>
      (await record(models)).changed;
    expect(await says()).toBe(true);
    expect(await says()).toBe(false);
    expect(await says(loadedVersion(1, 'loading'))).toBe(true);
    expect(await says(loadedVersion(1, 'loading'))).toBe(false);
    const failing = { ...loadedVersion(1, 'loading'), error: 'no memory' };
    expect(await says(failing)).toBe(true);
    expect(await says(failing)).toBe(false);
    expect(await says(loadedVersion(1))).toBe(true);
    expect(await says(loadedVersion(1), loadedVersion(2))).toBe(true);
    expect(await says(loadedVersion(2), loadedVersion(1))).toBe(false);
    expect(await says(loadedVersion(2))).toBe(true);
    expect(await says()).toBe(true);
  });

  it('keeps where versions run and whether they are in memory, which waits for nothing', async () => {
    const one = loadedVersion(1);
    // A data plane of an earlier release says neither.
    const told = [
      one,
      { ...one, placement: 'inline', inMemory: false },
      { ...one, placement: 'worker', inMemory: true },
      { ...one, placement: 'worker' },
      one,
    ] as const;
    const changes: boolean[] = [];
    for (const version of told) {
      changes.push((await record([version])).changed);
      const [{ models }] = await plane.dataPlanes.list({ now: plane.clock() });
      expect(models).toEqual([version]);
    }
    expect(changes).toEqual([true, false, false, false, false]);
  });

  it('tells what is loaded by model and version', async () => {
    const other = { ...loadedVersion(1, 'failed'), model: 'a', error: 'x' };
    await record([loadedVersion(10), loadedVersion(2), other]);
    const [{ models }] = await plane.dataPlanes.list({ now: plane.clock() });
    expect(models).toEqual([other, loadedVersion(2), loadedVersion(10)]);
  });

  it('takes the first of two statements about the same version', async () => {
    await record([loadedVersion(1, 'ready'), loadedVersion(1, 'loading')]);
    const [{ models }] = await plane.dataPlanes.list({ now: plane.clock() });
    expect(models).toEqual([loadedVersion(1, 'ready')]);
  });

  it('takes reports of one data plane that come at once', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        record([loadedVersion(1), loadedVersion(2 + index)]),
      ),
    );
    const [{ models }] = await plane.dataPlanes.list({ now: plane.clock() });
    expect(models).toHaveLength(2);
  });

  it('does not count on a data plane that said that it stops, whatever comes late', async () => {
    await plane.report([loadedVersion(1)], 'one');
    await plane.report([loadedVersion(1)], 'two');
    const stop = (producer: string, environment = 'production') =>
      plane.dataPlanes.recordStop({
        environment,
        producer,
        now: plane.clock(),
      });
    const online = async () => {
      const seen = await plane.dataPlanes.list({ now: plane.clock() });
      return seen.flatMap(item => (item.online ? item.producer : []));
    };
    plane.sleep(2);
    expect(await stop('one', 'staging')).toBe(false);
    expect(await online()).toEqual(['one', 'two']);
    expect(await stop('one')).toBe(true);
    expect(await stop('one')).toBe(false);
    expect(await stop('stranger')).toBe(false);
    expect(await online()).toEqual(['two']);
    await plane.report([loadedVersion(1)], 'one');
    expect(await online()).toEqual(['two']);
    const [one] = await plane.dataPlanes.list({ now: plane.clock() });
    expect(one).toMatchObject({
      producer: 'one',
      stoppedAt: '2026-05-03T12:00:02.000Z',
    });
    plane.sleep(11 * 60);
    expect(await plane.dataPlanes.list({ now: plane.clock() })).toEqual([]);
  });

  it('forgets what a data plane said together with it', async () => {
    await plane.report([loadedVersion(1)]);
    plane.sleep(11 * 60);
    await plane.dataPlanes.forgetGone(plane.clock());
    expect(await countRows(plane.knex)).toBe(0);
  });
});

async function countRows(knex: Knex): Promise<number> {
  const [{ count }] = await knex('data_plane_models').count();
  return Number(count);
}

/** Rows read, added, changed and removed, as far as the connection has not handed them in yet. */
async function countTouched(tx: Knex): Promise<number[]> {
  const { rows } = await tx.raw<{ rows: { counts: string[] }[] }>(
    `select array[seq_tup_read + idx_tup_fetch, n_tup_ins, n_tup_upd, n_tup_del] as counts
     from pg_stat_xact_user_tables where relname = 'data_plane_models'`,
  );
  return rows[0].counts.map(Number);
}
