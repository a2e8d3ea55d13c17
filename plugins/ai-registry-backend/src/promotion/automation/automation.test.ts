import {
  type EnvironmentDefinition,
  Environments,
  type ManifestAutomatedPromotion,
  type NewVersionPolicy,
} from '@greenroom/plugin-ai-registry-common';
import { manifestPath, printManifest } from '@greenroom/manifest';
import { registryDatabases } from '../../__testUtils__/registryDatabases';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  grace,
  type Harness,
} from '../__testUtils__/createHarness';
import { MOST_OPEN_AT_ONCE } from './AutomatedPromoter';

jest.setTimeout(60_000);

const signal = new AbortController().signal;

describe('promotions that nobody asks for', () => {
  const databases = registryDatabases();
  let harness: Harness;
  let started: ReturnType<Harness['start']>;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  /** Staging takes what is new as it is told, and production what staging has proven. */
  function start(policies: {
    staging?: NewVersionPolicy;
    production?: NewVersionPolicy;
  }) {
    const definition = (
      name: 'staging' | 'production',
      more: Partial<EnvironmentDefinition>,
    ): EnvironmentDefinition => ({
      name,
      title: name,
      requiredApprovals: 1,
      deployer: { kind: 'none' },
      newVersions: policies[name],
      ...more,
    });
    started = harness.start({
      environments: new Environments([
        definition('staging', {}),
        definition('production', { promotesFrom: 'staging' }),
      ]),
    });
  }

  const look = () => started.automated.look(signal);
  async function work() {
    await started.reconciler.reconcile();
    await started.worker.runOnce(signal);
  }
  const list = (environment: string) =>
    started.promotions.list({ model: 'digits', environment }, ada);
  const register = () =>
    harness.register({ evaluation: evaluationWithErrors(10) });

  async function push(
    environment: string,
    { version, digest }: { version: number; digest: string },
    automatedPromotion?: ManifestAutomatedPromotion,
  ) {
    const place = { environment, model: 'digits' };
    await harness.clone.push({
      branch: 'main',
      path: manifestPath(place),
      content: printManifest({
        apiVersion: 'greenroom.dev/v2',
        kind: 'ModelDeployment',
        metadata: { name: 'digits', environment },
        spec: {
          version,
          digest,
          rollout: { strategy: 'immediate' },
          ...(automatedPromotion && { automatedPromotion }),
        },
      }),
      author: { name: 'Ada', email: 'ada@example.com' },
    });
    await started.reconciler.reconcile();
  }

  it('are not opened where nothing says so', async () => {
    start({});
    await register();
    await look();
    expect(await list('staging')).toEqual([]);
  });

  it('are proposed once, and wait for a reviewer', async () => {
    start({ staging: 'propose' });
    await register();
    await look();
    await work();
    await look();
    const [promotion, ...others] = await list('staging');
    expect(others).toEqual([]);
    expect(promotion).toMatchObject({
      version: 1,
      automation: 'propose',
      requestedBy: expect.stringMatching(/^service:/),
      reason: 'Version 1 is new, and staging takes new versions.',
      state: { phase: 'awaiting-review' },
    });
    await started.promotions.close(promotion.id, { reason: 'no' }, grace);
    await look();
    expect(await list('staging')).toHaveLength(1);
  });

  it('go all the way to the last environment, one after the other, when they may be merged', async () => {
    start({ staging: 'merge', production: 'merge' });
    await register();
    await look();
    expect(await list('production')).toEqual([]);
    await work();
    await look();
    await work();
    expect(
      (await harness.deployments.list()).map(each => [
        each.environment,
        each.version,
      ]),
    ).toEqual([
      ['staging', 1],
      ['production', 1],
    ]);
    const [promotion] = await list('production');
    expect(promotion).toMatchObject({
      automation: 'merge',
      reason: 'Version 1 runs in staging, and production takes it from there.',
      state: { phase: 'completed' },
      reviews: [],
    });
  });

  it('keep what the manifest says of training, so that what it made does not end it', async () => {
    start({});
    const automatedPromotion: ManifestAutomatedPromotion = {
      newVersions: 'merge',
      retrain: { template: 'digits', everyDays: 30, onDrift: true },
    };
    await push('staging', await register(), automatedPromotion);
    expect(await harness.deployments.list()).toMatchObject([
      { version: 1, automatedPromotion },
    ]);
    await register();
    await look();
    await work();
    await work();
    expect(await harness.deployments.list()).toMatchObject([
      { version: 2, automatedPromotion },
    ]);
  });

  it('are not merged over a gate that fails', async () => {
    start({ staging: 'merge' });
    harness.world.servability = {
      state: 'unservable',
      triedAt: '2026-05-03T08:00:00.000Z',
      runtime: 'a data plane',
      reason: 'Opset 99',
    };
    await register();
    await look();
    await work();
    expect((await list('staging'))[0].state.phase).toBe('blocked');
  });

  it('wait in the environment before for as long as the manifest says', async () => {
    start({ staging: 'merge' });
    await push('production', await register(), {
      newVersions: 'propose',
      soakSeconds: 3_600,
    });
    await register();
    await look();
    await work();
    expect((await list('staging'))[0].state.phase).toBe('completed');
    await look();
    expect(await list('production')).toEqual([]);
    await harness
      .knex('environment_deployments')
      .where({ environment: 'staging' })
      .update({ changed_at: harness.knex.raw(`now() - interval '2 hours'`) });
    await harness
      .knex('promotions')
      .where({ environment: 'staging' })
      .update({ updated_at: harness.knex.raw(`now() - interval '2 hours'`) });
    await look();
    expect(await list('production')).toMatchObject([{ version: 2 }]);
  });

  it('are not opened for what is judged, or was taken back, where it comes from', async () => {
    start({ staging: 'merge', production: 'propose' });
    await register();
    await look();
    await work();
    const serving = harness.world.serving;
    harness.world.serving = async place => {
      const now = await serving(place);
      return now && { ...now, state: 'rejected' };
    };
    await look();
    expect(await list('production')).toEqual([]);
    harness.world.serving = serving;
    await look();
    expect(await list('production')).toHaveLength(1);
  });

  it('do not take the place of what a person asked for', async () => {
    start({ staging: 'propose' });
    await register();
    const { id } = await started.promotions.promote(
      { model: 'digits', version: 1, environment: 'staging', reason: 'now' },
      ada,
    );
    await register();
    await look();
    expect(await list('staging')).toMatchObject([{ id, version: 1 }]);
  });

  it('give way to newer versions', async () => {
    start({ staging: 'propose' });
    await register();
    await look();
    await register();
    await look();
    const [newer, older] = await list('staging');
    expect(newer.version).toBe(2);
    expect(older.state).toMatchObject({
      phase: 'closed',
      reason: expect.stringContaining('Superseded by version 2'),
    });
  });

  it('give reviewers no more than a bounded number to look at', async () => {
    start({ staging: 'propose' });
    await register();
    await look();
    const [open] = await list('staging');
    const rows = Array.from({ length: MOST_OPEN_AT_ONCE - 1 }, (_, at) => ({
      ...open,
      id: `copy-${at}`,
      model: `other-${at}`,
    }));
    const { record } = await harness.knex('promotions').first('record');
    await harness.knex('promotions').insert(
      rows.map(({ id, model }) => ({
        id,
        model,
        kind: 'promotion',
        version: 1,
        environment: 'staging',
        phase: 'awaiting-review',
        revision: 1,
        record: JSON.stringify({ ...record, id, model }),
        created_at: new Date(),
        updated_at: new Date(),
      })),
    );
    await register();
    await look();
    expect((await list('staging'))[0].version).toBe(1);
    await harness
      .knex('promotions')
      .where({ id: 'copy-1' })
      .update({ phase: 'closed' });
    await look();
    expect((await list('staging'))[0].version).toBe(2);
  });

  it('keep no neighbour back when one cannot be opened', async () => {
    start({ staging: 'propose', production: 'propose' });
    await register();
    await look();
    await work();
    const find = harness.world.serving;
    const [{ id }] = await list('staging');
    await started.promotions.approve(id, {}, grace);
    await work();
    harness.world.serving = async () => {
      throw new Error('inference is away');
    };
    await look();
    expect(await list('production')).toEqual([]);
    expect(harness.logger.warn).toHaveBeenCalledWith(
      expect.stringContaining("Version 1 of 'digits' could not be promoted"),
      expect.any(Error),
    );
    harness.world.serving = find;
    await look();
    expect(await list('production')).toHaveLength(1);
  });
});
