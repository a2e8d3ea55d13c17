import { TestDatabases } from '@backstage/backend-test-utils';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import {
  desiredDeployment,
  digestOf,
  loadedVersion,
  modelVersion,
} from '../__testUtils__/fixtures';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('DeploymentReconciler', () => {
  let registry: FakeRegistry;
  let plane: Awaited<ReturnType<typeof createStores>>;

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    registry.versions = [1, 2].map(version => modelVersion(version));
    plane = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
  });

  afterEach(() => registry.stop());

  it('starts one rollout a change, however many processes see it', async () => {
    const desired = desiredDeployment(1);
    await Promise.all([1, 2, 3].map(() => plane.reconcile(desired)));
    await plane.reconcile(desired);
    expect(await plane.phases()).toEqual(['loading']);
    expect(plane.published).toEqual([{ phase: 'loading', weightPercent: 0 }]);
    const [event] = await plane.knex('ai_inference_events');
    expect(event).toMatchObject({
      actor: 'user:default/grace',
      type: 'rollout-changed',
    });
  });

  it.each([
    [
      'that is not registered',
      desiredDeployment(9),
      "The registry has no version 9 of 'digits': register it, then change the manifest again",
    ],
    [
      'whose digest is another one',
      desiredDeployment(1, { digest: digestOf(7) }),
      'correct the digest in the manifest',
    ],
  ])('fails the rollout of a version %s', async (_what, desired, sentence) => {
    await plane.reconcile(desired);
    const [rollout] = await plane.rollouts.list({ limit: 1 });
    expect(rollout.state).toMatchObject({
      phase: 'failed',
      error: expect.stringContaining(sentence),
    });
    expect(await plane.weights()).toEqual({});
    await plane.reconcile(desired);
    expect(await plane.phases()).toHaveLength(1);
  });

  it('changes nothing while the registry cannot be asked', async () => {
    await plane.reconcile(desiredDeployment(1));
    registry.down = true;
    await expect(plane.reconcile()).rejects.toThrow();
    expect(await plane.deployments.list()).toHaveLength(1);
    registry.down = false;
    await plane.reconcile(
      desiredDeployment(1),
      desiredDeployment(2, { model: 'other' }),
    );
    expect(await plane.deployments.list()).toHaveLength(2);
  });

  it('ends a deployment whose manifest is gone, with its rollout', async () => {
    await plane.reconcile(desiredDeployment(1));
    plane.sleep(1);
    await plane.reconcile();
    expect(await plane.deployments.list()).toEqual([]);
    expect(await plane.phases()).toEqual(['superseded']);
    // And serves it again when the manifest comes back.
    await plane.reconcile(desiredDeployment(1));
    expect(await plane.weights()).toEqual({ 1: 100 });
  });

  it('notes a new way back without a rollout', async () => {
    await plane.reconcile(desiredDeployment(1));
    await plane.report([loadedVersion(1)]);
    await plane.tick();
    await plane.reconcile(
      desiredDeployment(1, {
        commit: 'other',
        rollbackTo: { version: 2, digest: digestOf(2) },
      }),
    );
    expect(await plane.phases()).toEqual(['completed']);
    const [deployment] = await plane.deployments.list();
    expect(deployment).toMatchObject({ commit: 'other', rollbackTo: 2 });
  });
});
