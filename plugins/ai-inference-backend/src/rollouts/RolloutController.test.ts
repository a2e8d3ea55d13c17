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

describe('RolloutController', () => {
  let registry: FakeRegistry;
  let plane: Awaited<ReturnType<typeof createStores>>;

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    registry.versions = [1, 2, 3].map(version => modelVersion(version));
    plane = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
    // Version 1 serves everything.
    await plane.reconcile(desiredDeployment(1));
    await plane.report([loadedVersion(1)]);
    await plane.tick();
    plane.sleep(1);
  });

  afterEach(() => registry.stop());

  const both = [loadedVersion(1), loadedVersion(2)];

  it('goes on where it was after being killed at any step', async () => {
    await plane.reconcile(desiredDeployment(2));
    const { knex } = plane;
    let kills = 0;
    for (const table of ['deployments', 'rollouts', 'ai_inference_events']) {
      // A trigger that refuses stands for a process that dies within the transaction.
      await knex.raw(
        `create function die() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$`,
      );
      await knex.raw(
        `create trigger die before insert or update on ${table} execute function die()`,
      );
      await plane.report(both);
      const before = {
        weights: await plane.weights(),
        phases: await plane.phases(),
      };
      await plane.tick();
      kills += jest.mocked(plane.logger.error).mock.calls.length;
      jest.mocked(plane.logger.error).mockClear();
      expect({
        weights: await plane.weights(),
        phases: await plane.phases(),
      }).toEqual(before);
      await knex.raw(`drop function die() cascade`);

      await plane.tick();
      plane.sleep(60);
    }
    expect(kills).toBe(3);
    expect(await plane.phases()).toEqual(['completed', 'completed']);
    expect(await plane.weights()).toEqual({ 1: 0, 2: 100 });
    const [rollout] = await plane.rollouts.list({ limit: 1 });
    expect(rollout.history.map(({ weightPercent }) => weightPercent)).toEqual([
      0, 10, 50, 100,
    ]);
  });

  it('takes each step once, however many controllers run', async () => {
    await plane.reconcile(desiredDeployment(2));
    plane.published.length = 0;
    for (let second = 0; second <= 100; second += 10) {
      await plane.report(both);
      await Promise.all([plane.tick(), plane.tick(), plane.tick()]);
      plane.sleep(10);
    }
    expect(plane.published).toEqual([
      { phase: 'progressing', weightPercent: 10 },
      { phase: 'progressing', weightPercent: 50 },
      { phase: 'completed', weightPercent: 100 },
    ]);
    const events = await plane.knex('ai_inference_events').select('payload');
    expect(
      events.filter(({ payload }) => payload.phase === 'progressing'),
    ).toHaveLength(2);
  });

  it('waits for every data plane that is online, and for no other', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report([loadedVersion(1)], 'slow');
    await plane.report(both, 'fast');
    await plane.tick();
    expect(await plane.phases()).toEqual(['loading', 'completed']);
    plane.sleep(11);
    await plane.report(both, 'fast');
    await plane.tick();
    expect(await plane.phases()).toEqual(['progressing', 'completed']);
  });

  it('leaves the traffic where it is when the version does not load', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report([loadedVersion(1), loadedVersion(2, 'failed')]);
    await plane.tick();
    expect(await plane.phases()).toEqual(['failed', 'completed']);
    expect(await plane.weights()).toEqual({ 1: 100 });

    // The same manifest is not tried again, a new commit is.
    plane.sleep(5);
    await plane.reconcile(desiredDeployment(2));
    expect(await plane.phases()).toHaveLength(2);
    await plane.reconcile(desiredDeployment(2, { commit: 'again' }));
    expect((await plane.phases()).at(0)).toBe('loading');
  });

  it('lets a newer change take over from the split that was reached', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10 });
    plane.sleep(5);
    await plane.reconcile(desiredDeployment(3));
    expect(await plane.phases()).toEqual([
      'loading',
      'superseded',
      'completed',
    ]);
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10, 3: 0 });
    await plane.report([...both, loadedVersion(3)]);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 90, 2: 0, 3: 10 });
    for (let step = 0; step < 2; step++) {
      plane.sleep(60);
      await plane.report([...both, loadedVersion(3)]);
      await plane.tick();
    }
    expect(await plane.weights()).toEqual({ 1: 0, 2: 0, 3: 100 });
  });

  it('drops drained versions, but not the one to roll back to', async () => {
    const immediate = { strategy: 'immediate', steps: [] } as const;
    const rollout = { ...immediate, steps: [] };
    await plane.reconcile(
      desiredDeployment(2, {
        rollout,
        rollbackTo: { version: 1, digest: digestOf(1) },
      }),
    );
    await plane.report(both);
    await plane.tick();
    plane.sleep(3_600);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 0, 2: 100 });

    await plane.reconcile(
      desiredDeployment(3, {
        rollout,
        rollbackTo: { version: 2, digest: digestOf(2) },
      }),
    );
    await plane.report([...both, loadedVersion(3)]);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 0, 2: 0, 3: 100 });
    plane.sleep(61);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 2: 0, 3: 100 });
  });
});
