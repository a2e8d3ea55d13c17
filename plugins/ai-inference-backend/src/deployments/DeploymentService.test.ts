import { TestDatabases } from '@backstage/backend-test-utils';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import { DeprecationCopyStore } from '../deprecations/DeprecationCopyStore';
import {
  desiredDeployment,
  loadedVersion,
  modelVersion,
} from '../__testUtils__/fixtures';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('DeploymentService', () => {
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

  it('lists deployments in pages, with their number', async () => {
    const models = Array.from({ length: 5 }, (_, index) => `m${index}`);
    registry.versions = models.map(model => modelVersion(1, { model }));
    await plane.reconcile(
      ...models.map(model => desiredDeployment(1, { model })),
      desiredDeployment(1, { model: 'm0', environment: 'dev' }),
    );
    await plane.report(
      models.slice(1).map(model => ({ ...loadedVersion(1), model })),
    );
    await plane.tick();
    const { deploymentService } = plane;

    const deprecation = {
      since: '2026-05-01T12:00:00.000Z',
      message: 'Old.',
      deprecatedBy: 'user:default/ada',
    };
    const ofModel = { model: 'm1', ...deprecation };
    await new DeprecationCopyStore(plane).keep(
      ['m1', 'm2'],
      [
        ofModel,
        { model: 'm1', version: 7, ...deprecation },
        { model: 'm2', version: 1, ...deprecation },
      ],
    );
    const deprecated = await deploymentService.listDeployments({
      models: ['m1', 'm2', 'm3'],
      limit: 10,
    });
    expect(deprecated.items.map(one => one.deprecations)).toEqual([
      [ofModel],
      [{ model: 'm2', version: 1, ...deprecation }],
      undefined,
    ]);

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await deploymentService.listDeployments({
        limit: 2,
        cursor,
      });
      expect(page.totalItems).toBe(6);
      seen.push(
        ...page.items.map(
          ({ environment, model }) => `${environment}/${model}`,
        ),
      );
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual([
      'dev/m0',
      ...models.map(model => `production/${model}`),
    ]);

    const running = await deploymentService.listDeployments({
      running: true,
      environment: 'production',
      limit: 10,
    });
    expect(running.totalItems).toBe(1);
    expect(running.items).toMatchObject([
      { model: 'm0', dataPlanes: { ready: 0, total: 1 } },
    ]);
    const some = await deploymentService.listDeployments({
      models: ['m3', 'm1', 'unknown'],
      limit: 10,
    });
    expect(some.items.map(({ model }) => model)).toEqual(['m1', 'm3']);
    await expect(
      deploymentService.listDeployments({ limit: 2, cursor: 'W10' }),
    ).rejects.toThrow("cursor 'W10' is not one that this list gave");
  });

  it('says what is kept of the requests, as the manifest does', async () => {
    registry.versions = [modelVersion(1)];
    const outcomes = { samplePercent: 10, keepDays: 14 };
    await plane.reconcile({
      ...desiredDeployment(1),
      outcomes,
      recentRows: true,
    });
    expect(await plane.described()).toMatchObject({
      outcomes,
      recentRows: true,
    });
  });

  it('says that a model is on demand and keeps answers, as the manifest does', async () => {
    registry.versions = [modelVersion(1)];
    const settings = {
      loading: { mode: 'on-demand' },
      responseCache: { maxMiB: 64 },
    } as const;
    await plane.reconcile({ ...desiredDeployment(1), ...settings });
    expect(await plane.described()).toMatchObject(settings);
  });

  it('shows no traffic on a version that no online data plane runs', async () => {
    registry.versions = [modelVersion(1)];
    await plane.reconcile(desiredDeployment(1));
    await plane.report([loadedVersion(1)]);
    await plane.tick();
    expect((await plane.described()).variants).toMatchObject([
      { weightPercent: 100 },
    ]);
    // The data plane has started anew and is still loading.
    await plane.report([loadedVersion(1, 'loading')]);
    expect(await plane.described()).toMatchObject({
      variants: [{ weightPercent: 0 }],
      plannedVariants: [{ version: 1, weightPercent: 100 }],
      convergence: { state: 'moving' },
    });
    // One that is out of sight goes on from its last snapshot.
    plane.sleep(60);
    expect(await plane.described()).toMatchObject({
      variants: [{ weightPercent: 100 }],
      convergence: {
        state: 'waiting',
        reason: 'No data plane of production is online',
        since: '2026-05-03T12:00:00.000Z',
      },
    });
  });
});
