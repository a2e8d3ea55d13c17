import { TestDatabases } from '@backstage/backend-test-utils';
import { createStores } from './__testUtils__/createStores';
import { FakeRegistry } from './__testUtils__/FakeRegistry';
import {
  desiredDeployment,
  loadedVersion,
  modelVersion,
} from './__testUtils__/fixtures';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('retention', () => {
  let registry: FakeRegistry;
  let plane: Awaited<ReturnType<typeof createStores>>;

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    registry.versions = [1, 2, 3, 4].map(version => modelVersion(version));
    plane = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
    for (const version of [1, 2, 3, 4]) {
      await plane.reconcile(
        desiredDeployment(version, {
          rollout: { strategy: 'immediate', steps: [] },
        }),
      );
      await plane.report([loadedVersion(version)]);
      await plane.tick();
      plane.sleep(60);
    }
  });

  afterEach(() => registry.stop());

  it('keeps the newest rollouts of each deployment, and always the one that it is at', async () => {
    expect(await plane.rollouts.forgetOld({ keep: 2 })).toBe(2);
    const kept = await plane.rollouts.list({ limit: 10 });
    expect(kept.map(({ toVersion }) => toVersion)).toEqual([4, 3]);
    expect(await plane.rollouts.forgetOld({ keep: 0 })).toBe(1);
    expect(await plane.phases()).toEqual(['completed']);
  });
});
