import { TestDatabases } from '@backstage/backend-test-utils';
import { comparisonReport } from '../__testUtils__/comparisonReport';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import {
  desiredDeployment,
  digestOf,
  loadedVersion,
  modelVersion,
} from '../__testUtils__/fixtures';

import type { AnalysisReading } from './AnalysisSource';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('RolloutController', () => {
  let registry: FakeRegistry;
  /** Of any comparison. */
  let said: AnalysisReading;
  let plane: Awaited<ReturnType<typeof createStores>>;

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    registry.versions = [1, 2, 3].map(version => modelVersion(version));
    said = { kind: 'nothing-counted' };
    plane = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
      analyse: () => said,
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
    const steps = [10, 50, 75].map(weightPercent => ({
      weightPercent,
      holdSeconds: 60,
    }));
    await plane.reconcile(
      desiredDeployment(2, { rollout: { strategy: 'canary', steps } }),
    );
    const { knex } = plane;
    let kills = 0;
    for (const table of [
      'deployments',
      'rollouts',
      'audit_entries',
      'outbox',
    ]) {
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
    expect(kills).toBe(4);
    expect(await plane.phases()).toEqual(['completed', 'completed']);
    expect(await plane.weights()).toEqual({ 1: 0, 2: 100 });
    const [rollout] = await plane.rollouts.list({ limit: 1 });
    expect(rollout.history.map(({ weightPercent }) => weightPercent)).toEqual([
      0, 10, 50, 75, 100,
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
    const events = await plane.knex('audit_entries').select('after');
    expect(
      events.filter(({ after }) => after.phase === 'progressing'),
    ).toHaveLength(2);
  });

  it('compares at each share, and remembers each comparison as long as the rollout', async () => {
    await plane.reconcile(desiredDeployment(2));
    for (let step = 0; step < 3; step++) {
      await plane.report(both);
      await plane.tick();
      const [{ compared }] = await plane.deployments.list();
      const [{ id, comparison }] = await plane.rollouts.list({ limit: 1 });
      expect(compared?.comparison).toEqual(
        step === 2 ? undefined : { id: `${id}.${step + 1}`, control: 1 },
      );
      expect(comparison?.endedAt).toBe(
        step === 2 ? plane.clock().toISOString() : undefined,
      );
      plane.sleep(61);
    }
    const [{ id }] = await plane.rollouts.list({ limit: 1 });
    const [first, second] = await Promise.all(
      [1, 2].map(number => plane.rollouts.getComparison(`${id}.${number}`)),
    );
    expect(first).toMatchObject({ rolloutId: id, endedAt: second.startedAt });
    expect(second).toMatchObject({
      variants: [
        { version: 1, sharePercent: 50 },
        { version: 2, sharePercent: 50 },
      ],
      endedAt: expect.any(String),
    });
    await plane.knex('deployments').delete();
    await plane.knex('rollouts').delete();
    await expect(plane.rollouts.getComparison(`${id}.1`)).rejects.toThrow(
      'There is no comparison',
    );
  });

  it('takes a version back by what the analysis says, and keeps what it said', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report(both);
    await plane.tick();
    const [{ comparison }] = await plane.rollouts.list({ limit: 1 });
    if (!comparison) throw new Error('It compares');
    said = {
      kind: 'report',
      report: comparisonReport(comparison, {
        verdict: {
          kind: 'take-back',
          version: 2,
          metric: 'errors',
          reason: 'errors: 4 %, and not 0.2 %',
        },
      }),
    };
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 100, 2: 0 });
    const [{ state, history }] = await plane.rollouts.list({ limit: 1 });
    expect(state).toMatchObject({ phase: 'rejected', by: 'analysis' });
    expect(history.at(-1)?.evidence).toMatchObject({
      comparison: comparison.id,
    });
    expect(plane.published.at(-1)).toMatchObject({ phase: 'rejected' });
    expect((await plane.described()).convergence).toMatchObject({
      state: 'rejected',
      reason:
        'Version 2 was taken back by the analysis: errors: 4 %, and not 0.2 %',
    });
  });

  it('writes down that the analysis cannot be read only when that is news', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report(both);
    await plane.tick();
    said = { kind: 'away', reason: 'it sleeps' };
    const numbers: number[] = [];
    for (let second = 0; second < 4; second++) {
      plane.sleep(3);
      await plane.report(both);
      await plane.tick();
      const row = await plane.knex('deployments').first('change_id');
      numbers.push(Number(row.change_id));
    }
    const [{ state, history }] = await plane.rollouts.list({ limit: 1 });
    expect(state).toMatchObject({ unseen: { reason: 'it sleeps' } });
    expect(history).toHaveLength(2);
    // Data planes are told nothing new.
    expect(new Set(numbers).size).toBe(1);
  });

  it('stops comparing when a newer change takes over', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report(both);
    await plane.tick();
    await plane.reconcile(desiredDeployment(3));
    const [{ compared }] = await plane.deployments.list();
    expect(compared).toBeUndefined();
    const [, superseded] = await plane.rollouts.list({ limit: 2 });
    expect(superseded.comparison?.endedAt).toBe(plane.clock().toISOString());
  });

  it('loads all versions of an experiment before any gets traffic, once the registry has them', async () => {
    const variant = (version: number, sharePercent: number) => ({
      version,
      digest: digestOf(version),
      sharePercent,
    });
    registry.versions = [1, 2].map(version => modelVersion(version));
    await plane.reconcile(
      desiredDeployment(2, {
        rollout: {
          strategy: 'experiment',
          control: variant(1, 50),
          treatments: [variant(2, 25), variant(3, 25)],
          end: { atMostSeconds: 3_600, minUnitsPerVariant: 9, winner: 'ask' },
        },
      }),
    );
    const [{ state }] = await plane.rollouts.list({ limit: 1 });
    expect(state).toMatchObject({
      problem: { error: expect.stringContaining('has no version 3') },
    });
    registry.versions.push(modelVersion(3));
    plane.sleep(10);
    const [desired] = registry.desired;
    await plane.reconcile(desired);
    const [mended] = await plane.rollouts.list({ limit: 1 });
    expect(mended.state).toEqual({ phase: 'loading' });
    expect(await plane.weights()).toEqual({ 1: 100, 2: 0, 3: 0 });
  });

  it('is held by no data plane that only loads, and names it', async () => {
    await plane.reconcile(desiredDeployment(2));
    for (let step = 0; step < 4; step++) {
      await plane.report([loadedVersion(1), loadedVersion(2, 'loading')]);
      await plane.report(both, 'fast');
      await plane.tick();
      plane.sleep(61);
    }
    expect(await plane.phases()).toEqual(['completed', 'completed']);
    await plane.report([loadedVersion(2, 'loading')]);
    await plane.report(both, 'fast');
    const reason = 'The data plane at http://one:7080 is loading version 2';
    expect(await plane.described()).toMatchObject({
      convergence: { state: 'degraded', reason },
      dataPlanes: {
        ready: 1,
        total: 2,
        degraded: [{ publicUrl: 'http://one:7080', reason }],
      },
    });
    // It serves by itself when the sick one is well again.
    await plane.report([loadedVersion(2)]);
    expect((await plane.described()).convergence).toEqual({ state: 'serving' });
  });

  it('goes on until the version loads, however often it did not', async () => {
    await plane.reconcile(desiredDeployment(2));
    const broken = { ...loadedVersion(2, 'failed'), error: 'opset 99' };
    for (let second = 0; second < 600; second += 5) {
      await plane.report([loadedVersion(1), broken]);
      await plane.tick();
      plane.sleep(5);
    }
    await plane.report([loadedVersion(1), broken]);
    expect(await plane.weights()).toEqual({ 1: 100, 2: 0 });
    expect(await plane.described()).toMatchObject({
      wanted: { version: 2 },
      convergence: {
        state: 'waiting',
        reason:
          'The data plane at http://one:7080 could not load version 2: opset 99',
        since: '2026-05-03T12:00:01.000Z',
        nextTryAt: '2026-05-03T12:10:11.000Z',
      },
      rollout: { state: { phase: 'loading', problem: { attempts: 6 } } },
    });
    const [{ loadAttempt }] = await plane.deployments.list();
    expect(loadAttempt).toBe(5);

    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10 });
  });

  it('tries again when it is asked to', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report([loadedVersion(1), loadedVersion(2, 'failed')]);
    await plane.tick();
    plane.sleep(1);
    const retried = await plane.retry();
    expect(retried.state).toMatchObject({
      problem: { attempts: 1, nextTryAt: plane.clock().toISOString() },
    });
    const [{ loadAttempt }] = await plane.deployments.list();
    expect(loadAttempt).toBe(1);
    const events = await plane.knex('audit_entries').orderBy('id');
    expect(events.at(-1)).toMatchObject({
      action: 'rollout-retried',
      actor: 'user:default/grace',
      subject: retried.id,
    });
    await plane.tick();
    const [{ state }] = await plane.rollouts.list({ limit: 1 });
    expect(state).toMatchObject({ problem: { attempts: 2 } });
  });

  it('stands still while it is paused, and goes on with what was left', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report(both);
    await plane.tick();
    plane.sleep(10);
    const paused = await plane.steer('pause', 'The numbers look odd');
    expect(paused.state).toMatchObject({
      paused: { by: 'user:default/grace', leftSeconds: 20 },
    });
    plane.sleep(600);
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10 });
    expect((await plane.described()).convergence).toEqual({
      state: 'paused',
      reason:
        'Version 2 keeps 10 % of the traffic until somebody goes on: paused by grace, The numbers look odd',
      since: '2026-05-03T12:00:11.000Z',
    });
    await expect(plane.steer('pause')).rejects.toThrow('paused already');

    await plane.steer('resume');
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10 });
    plane.sleep(20);
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 50, 2: 50 });
    await expect(plane.steer('resume')).rejects.toThrow('not paused');
    const entries = await plane.knex('audit_entries').orderBy('id');
    expect(
      entries.map(({ action }) => action).filter(action => /ed$/.test(action)),
    ).toEqual(expect.arrayContaining(['rollout-paused', 'rollout-resumed']));
  });

  it('waits where its plan says so until somebody goes on', async () => {
    await plane.reconcile(
      desiredDeployment(2, {
        rollout: {
          strategy: 'canary',
          steps: [
            { weightPercent: 10, holdSeconds: 0 },
            { pauseUntil: 'resumed' },
            { pauseSeconds: 60 },
          ],
        },
      }),
    );
    for (let pass = 0; pass < 3; pass++) {
      await plane.report(both);
      await plane.tick();
      plane.sleep(600);
    }
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10 });
    await plane.report(both);
    expect((await plane.described()).convergence).toMatchObject({
      state: 'paused',
      reason: expect.stringContaining('paused by its plan'),
    });
    await plane.steer('resume');
    await plane.report(both);
    await plane.tick();
    plane.sleep(59);
    await plane.report(both);
    await plane.tick();
    expect((await plane.phases())[0]).toBe('progressing');
    plane.sleep(1);
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 0, 2: 100 });
  });

  it('goes on without its analysis when a reviewer says so who did not ask for it', async () => {
    const canary = (changedBy: string) =>
      desiredDeployment(2, {
        changedBy,
        commit: `by-${changedBy}`,
        rollout: {
          strategy: 'canary',
          steps: [
            { weightPercent: 10, holdSeconds: 0 },
            { analysisSeconds: 600 },
            { weightPercent: 50, holdSeconds: 60 },
          ],
        },
      });
    const toAnalysis = async (changedBy: string) => {
      await plane.reconcile(canary(changedBy));
      for (let pass = 0; pass < 3; pass++) {
        plane.sleep(3);
        await plane.report(both);
        await plane.tick();
      }
    };
    await toAnalysis('user:default/grace');
    await expect(plane.steer('skip', 'It is fine')).rejects.toThrow(
      'You asked for the rollout',
    );
    await plane.steer('abort', 'Once more');
    await toAnalysis('user:default/ada');
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10 });
    const skipped = await plane.steer('skip', 'It is fine');
    expect(skipped.state).toMatchObject({
      override: { by: 'user:default/grace', reason: 'It is fine' },
    });
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 50, 2: 50 });
    const entries = await plane
      .knex('audit_entries')
      .where({ action: 'rollout-analysis-skipped' });
    expect(entries).toMatchObject([
      {
        actor: 'user:default/grace',
        after: { note: 'grace skips the analysis: It is fine' },
      },
    ]);
    await expect(plane.steer('skip', 'Again')).rejects.toThrow(
      'not at an analysis',
    );
  });

  it('takes a version back until it is begun anew, or Git asks for something else', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report(both);
    await plane.tick();
    await plane.steer('abort', 'Wrong answers in Spanish');
    expect(await plane.weights()).toEqual({ 1: 100, 2: 0 });
    expect((await plane.described()).convergence).toEqual({
      state: 'rejected',
      reason: 'Version 2 was taken back by grace: Wrong answers in Spanish',
      since: plane.clock().toISOString(),
    });
    plane.sleep(3_600);
    await plane.reconcile(desiredDeployment(2));
    await plane.report([loadedVersion(1)]);
    await plane.tick();
    // It is unloaded, and the same commit does not bring it back.
    expect(await plane.weights()).toEqual({ 1: 100 });
    await expect(plane.retry()).rejects.toThrow('was taken back');
    await expect(plane.steer('abort', 'Again')).rejects.toThrow('is over');

    await plane.steer('restart', 'It was the client');
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10 });

    await plane.steer('abort', 'It was not');
    await plane.reconcile(desiredDeployment(2, { commit: 'another' }));
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 90, 2: 10 });
  });

  it('takes back no first version of all', async () => {
    await plane.reconcile(desiredDeployment(1, { model: 'letters' }));
    plane.sleep(1);
    await plane.reconcile(desiredDeployment(3, { model: 'letters' }));
    await expect(plane.steer('abort', 'No')).rejects.toThrow(
      'No other version was served before version 3',
    );
  });

  it('asks data planes that lack a completed version to load it anew, and refuses when there is a newer rollout', async () => {
    await plane.retry();
    expect((await plane.deployments.list())[0].loadAttempt).toBe(1);
    const [{ id }] = await plane.rollouts.list({ limit: 1 });
    await plane.reconcile(desiredDeployment(2));
    await expect(plane.retryRollout(id)).rejects.toThrow(
      `The rollout '${id}' is over`,
    );
    await plane.reconcile();
    await expect(plane.retry()).rejects.toThrow('is over');
  });

  it('rolls back to a version that is loaded although one data plane cannot load it', async () => {
    const immediate = { strategy: 'immediate' as const, steps: [] };
    await plane.reconcile(
      desiredDeployment(2, {
        rollout: immediate,
        rollbackTo: { version: 1, digest: digestOf(1) },
      }),
    );
    await plane.report(both, 'well');
    await plane.report([loadedVersion(1, 'failed'), loadedVersion(2)]);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 0, 2: 100 });
    await plane.reconcile(
      desiredDeployment(1, {
        kind: 'rollback',
        commit: 'back',
        rollout: immediate,
      }),
    );
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 100, 2: 0 });
    expect((await plane.phases()).at(0)).toBe('completed');
    expect(await plane.described()).toMatchObject({
      wanted: { version: 1 },
      convergence: { state: 'degraded' },
      dataPlanes: { degraded: [{ publicUrl: 'http://one:7080' }] },
    });
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
    // What was superseded leaves its traffic to what was proven, before the new version is there.
    await plane.report(both);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 100, 2: 0, 3: 0 });
    await plane.report([...both, loadedVersion(3)]);
    await plane.tick();
    expect(await plane.weights()).toEqual({ 1: 90, 2: 0, 3: 10 });
    for (let step = 0; step < 2; step++) {
      plane.sleep(60);
      await plane.report([...both, loadedVersion(3)]);
      await plane.tick();
    }
    // Version 2 has drained meanwhile.
    expect(await plane.weights()).toEqual({ 1: 0, 3: 100 });
  });

  it('keeps a superseded version loaded that the manifest names to roll back to', async () => {
    await plane.reconcile(desiredDeployment(2));
    await plane.report(both);
    await plane.tick();
    await plane.reconcile(
      desiredDeployment(3, {
        rollbackTo: { version: 2, digest: digestOf(2) },
      }),
    );
    for (let step = 0; step < 4; step++) {
      await plane.report([...both, loadedVersion(3)]);
      await plane.tick();
      plane.sleep(61);
    }
    await plane.tick();
    expect(await plane.weights()).toEqual({ 2: 0, 3: 100 });
  });

  it('lets thirty deployments wait neither for a slow one, nor for a locked one, nor for one that fails', async () => {
    const models = Array.from({ length: 30 }, (_, index) => `m${index}`);
    registry.versions = models.map(model => modelVersion(1, { model }));
    await plane.reconcile(
      ...models.map(model => desiredDeployment(1, { model })),
    );
    await plane.report(models.map(model => ({ ...loadedVersion(1), model })));
    const { knex } = plane;
    await knex.raw(
      `create function slow() returns trigger language plpgsql as $$ begin
         if new.model = 'm0' then raise exception 'refused'; end if;
         perform pg_sleep(0.1); return new; end $$`,
    );
    await knex.raw(
      'create trigger slow before update on deployments for each row execute function slow()',
    );
    const lock = await knex.transaction();
    await lock('deployments').where({ model: 'm1' }).forUpdate();
    const startedAt = Date.now();
    await plane.tick();
    const millis = Date.now() - startedAt;
    await lock.rollback();
    const completed = await knex('rollouts').where({ phase: 'completed' });
    expect(
      completed
        .map(({ model }) => model)
        .filter(model => model !== 'digits')
        .sort(),
    ).toEqual(models.filter(model => model !== 'm0' && model !== 'm1').sort());
    // One after the other, 28 would take 2.8 seconds.
    expect(millis).toBeLessThan(2_000);
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
