import { TestDatabases } from '@backstage/backend-test-utils';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import { dataPlaneReport, loadedVersion } from '../__testUtils__/fixtures';

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
});
