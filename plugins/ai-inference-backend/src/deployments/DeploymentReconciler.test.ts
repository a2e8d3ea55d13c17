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
    const [event] = await plane.knex('audit_entries');
    expect(event).toMatchObject({
      actor: 'user:default/grace',
      action: 'rollout-changed',
    });
  });

  it.each([
    [
      'that is not registered',
      desiredDeployment(9),
      "The registry has no version 9 of 'digits': register it",
      () => registry.versions.push(modelVersion(9)),
    ],
    [
      'whose digest is another one',
      desiredDeployment(1, { digest: digestOf(7) }),
      'correct the digest in the manifest',
      () => {
        registry.versions = [modelVersion(1, { digest: digestOf(7) })];
      },
    ],
  ])(
    'asks again for a version %s, and says so',
    async (_what, desired, sentence, mend) => {
      await plane.reconcile(desired);
      expect(await plane.described()).toMatchObject({
        convergence: {
          state: 'waiting',
          reason: expect.stringContaining(sentence),
        },
        variants: [{ weightPercent: 0 }],
      });
      for (let pass = 0; pass < 3; pass++) {
        plane.sleep(60 * 5);
        await plane.reconcile(desired);
        await plane.tick();
      }
      const [{ state, history }] = await plane.rollouts.list({ limit: 1 });
      expect(state).toMatchObject({ problem: { attempts: 4 } });
      expect(history).toHaveLength(2);

      mend();
      await plane.reconcile(desired);
      expect((await plane.described()).convergence.state).toBe('waiting');
      await plane.retry();
      await plane.reconcile(desired);
      await plane.report([
        {
          model: 'digits',
          version: desired.version,
          digest: desired.digest,
          state: 'ready',
        },
      ]);
      await plane.tick();
      expect(await plane.phases()).toEqual(['completed']);
      expect((await plane.described()).convergence.state).toBe('serving');
    },
  );

  it('shows why a version is not served while the registry does not tell about it', async () => {
    await plane.reconcile(desiredDeployment(1));
    registry.versionsDown = true;
    await plane.reconcile(desiredDeployment(2));
    expect(await plane.described()).toMatchObject({
      wanted: { version: 2 },
      convergence: {
        state: 'waiting',
        reason: expect.stringContaining(
          "The registry could not be asked for version 2 of 'digits'",
        ),
      },
    });
  });

  it('goes back to a version that it knows although the registry does not tell about it', async () => {
    for (const version of [1, 2]) {
      await plane.reconcile(
        desiredDeployment(version, {
          rollout: { strategy: 'immediate', steps: [] },
        }),
      );
      await plane.report([loadedVersion(1), loadedVersion(2)]);
      await plane.tick();
      plane.sleep(1);
    }
    registry.versionsDown = true;
    await plane.reconcile(
      desiredDeployment(1, { commit: 'back', kind: 'rollback' }),
    );
    const [{ state }] = await plane.rollouts.list({ limit: 1 });
    expect(state).toEqual({ phase: 'loading' });
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 100, 2: 0 });
  });

  it('leaves a problem of the data planes alone when a manifest changes for other reasons', async () => {
    await plane.reconcile(desiredDeployment(1));
    await plane.report([loadedVersion(1, 'failed')]);
    await plane.tick();
    await plane.reconcile(desiredDeployment(1, { commit: 'noted' }));
    const [{ state, history }] = await plane.rollouts.list({ limit: 1 });
    expect(state).toMatchObject({ problem: { attempts: 1 } });
    expect(history.map(({ weightPercent }) => weightPercent)).toEqual([0, 0]);
    expect(await plane.phases()).toEqual(['loading']);
  });

  it('has data planes load no version that was superseded before it got any traffic', async () => {
    registry.versions = [1, 2, 3, 4].map(version => modelVersion(version));
    await plane.reconcile(desiredDeployment(1));
    await plane.report([loadedVersion(1)]);
    await plane.tick();
    for (const version of [2, 3, 4]) {
      plane.sleep(1);
      await plane.reconcile(desiredDeployment(version));
    }
    expect(await plane.weights()).toEqual({ 1: 100, 4: 0 });
  });

  it('rolls a corrected digest of the same version out', async () => {
    await plane.reconcile(desiredDeployment(1, { digest: digestOf(7) }));
    await plane.reconcile(desiredDeployment(1, { commit: 'corrected' }));
    await plane.report([loadedVersion(1)]);
    await plane.tick();
    expect((await plane.described()).convergence.state).toBe('serving');
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
    expect(plane.withdrawn).toEqual(['production/digits']);
    await plane.reconcile();
    expect(plane.withdrawn).toHaveLength(1);
    plane.sleep(3_600);
    await plane.reconcile(desiredDeployment(1, { commit: 'back' }));
    expect(await plane.weights()).toEqual({ 1: 100 });
    expect(await plane.phases()).toEqual(['loading', 'superseded']);
  });

  it('goes on from what was proven when a manifest is removed and put back', async () => {
    await plane.reconcile(desiredDeployment(1));
    await plane.report([loadedVersion(1)]);
    await plane.tick();
    await plane.reconcile(desiredDeployment(2));
    const both = [loadedVersion(1), loadedVersion(2)];
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10 });
    plane.sleep(1);
    await plane.reconcile();
    expect(await plane.deployments.list()).toEqual([]);
    plane.sleep(1);
    await plane.reconcile(desiredDeployment(2, { commit: 'back' }));
    await plane.tick();
    // Not everybody at once on a version that nobody has proven.
    expect(await plane.weights()).toEqual({ 1: 50, 2: 50 });
    plane.sleep(1);
    await plane.reconcile();
    plane.sleep(3_600);
    await plane.deployments.forgetWithdrawn(plane.clock());
    expect(await plane.knex('deployments')).toEqual([]);
  });

  it('does not touch what is unchanged', async () => {
    const models = Array.from({ length: 20 }, (_, index) => `m${index}`);
    registry.versions = models.map(model => modelVersion(1, { model }));
    const desired = models.map(model => desiredDeployment(1, { model }));
    await plane.reconcile(...desired);
    expect(await plane.deployments.list()).toHaveLength(20);
    registry.requests.length = 0;
    const written = async () =>
      (
        await plane.knex('deployments').select(plane.knex.raw('xmin::text'))
      ).map(({ xmin }) => xmin);
    const before = await written();
    await plane.reconcile(...desired);
    expect(await written()).toEqual(before);
    expect(registry.requests).toHaveLength(3);
  });

  it('changes each deployment for itself', async () => {
    const { knex } = plane;
    registry.versions = ['a', 'b', 'c'].map(model =>
      modelVersion(1, { model }),
    );
    await knex.raw(
      `create function die() returns trigger language plpgsql as $$ begin
         if new.model = 'b' then raise exception 'refused'; end if; return new; end $$`,
    );
    await knex.raw(
      'create trigger die before insert on deployments for each row execute function die()',
    );
    await plane.reconcile(
      ...['a', 'b', 'c'].map(model => desiredDeployment(1, { model })),
    );
    const list = await plane.deployments.list();
    expect(list.map(({ model }) => model)).toEqual(['a', 'c']);
    expect(plane.logger.error).toHaveBeenCalledTimes(1);
  });

  it('applies no older reading after somebody else took over', async () => {
    registry.onDesired = async () => {
      registry.onDesired = undefined;
      // Stands for half a minute without a word from this process.
      await plane.knex('reconcile_turns').update({ taken_until: new Date(0) });
      await plane.reconcile(desiredDeployment(2));
      registry.desired = [desiredDeployment(1)];
    };
    await plane.reconcile(desiredDeployment(1));
    const [{ version }] = await plane.deployments.list();
    expect(version).toBe(2);
    expect(plane.logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('the reading of this one is left unused'),
    );
  });

  it('notes a new way back without a rollout', async () => {
    await plane.reconcile(desiredDeployment(1));
    await plane.report([loadedVersion(1)]);
    await plane.tick();
    await plane.reconcile(
      desiredDeployment(1, {
        commit: 'other',
        rollbackTo: { version: 2, digest: digestOf(2) },
        languageModel: { aliases: ['gpt-4o'] },
      }),
    );
    expect(await plane.phases()).toEqual(['completed']);
    const [deployment] = await plane.deployments.list();
    expect(deployment).toMatchObject({
      commit: 'other',
      rollbackTo: 2,
      languageModel: { aliases: ['gpt-4o'] },
    });
  });
});
