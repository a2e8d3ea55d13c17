import { mockServices } from '@backstage/backend-test-utils';
import {
  type EnvironmentDefinition,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import { registryDatabases } from '../../__testUtils__/registryDatabases';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  grace,
  type Harness,
} from '../__testUtils__/createHarness';
import { promotionGates } from '../gates';
import { MergeCalendars } from '../gates/MergeCalendars';
import { Gates } from '../gates/Gates';
import { Stays } from '../Stays';
import { PipelineReader } from './PipelineReader';

jest.setTimeout(60_000);

const signal = new AbortController().signal;

const definition = (
  name: string,
  more: Partial<EnvironmentDefinition> = {},
): EnvironmentDefinition => ({
  name,
  title: name,
  requiredApprovals: 1,
  deployer: { kind: 'none' },
  ...more,
});

const environments = new Environments([
  definition('staging'),
  definition('production', { promotesFrom: 'staging', soakSeconds: 3_600 }),
]);

describe('PipelineReader', () => {
  const databases = registryDatabases();
  let harness: Harness;
  let started: ReturnType<Harness['start']>;

  beforeEach(async () => {
    harness = await createHarness(databases);
    started = harness.start({ environments });
  });
  afterEach(() => harness.stop());

  const read = () => {
    const { deployments, models, store, aliasStore, world } = harness;
    return new PipelineReader({
      deployments,
      environments,
      calendars: new MergeCalendars(environments),
      gates: new Gates({
        root: mockServices.rootConfig(),
        all: promotionGates,
        environments,
      }),
      models: { list: query => models.list(query) },
      stays: new Stays({
        aliases: aliasStore,
        promotions: store,
        serving: { find: place => world.serving(place) },
      }),
      store,
    }).read({}, ada);
  };
  const work = async () => {
    await started.reconciler.reconcile();
    await started.worker.runOnce(signal);
  };
  const promote = (version: number, environment: string) =>
    started.promotions.promote(
      { model: 'digits', version, environment, reason: 'now' },
      ada,
    );

  it('follows a version through its stops', async () => {
    await harness.register({ evaluation: evaluationWithErrors(10) });
    const before = await read();
    expect(before.environments.map(({ name }) => name)).toEqual([
      'staging',
      'production',
    ]);
    expect(before.items).toEqual([
      {
        model: {
          name: 'digits',
          title: 'Digits',
          owner: 'group:default/vision-team',
          latestVersion: 1,
        },
        stops: [
          { environment: 'staging', next: { version: 1, eligible: true } },
          { environment: 'production' },
        ],
      },
    ]);

    const { id } = await promote(1, 'staging');
    await work();
    const [waiting] = (await read()).items[0].stops;
    expect(waiting.promotion).toMatchObject({
      id,
      version: 1,
      state: { phase: 'awaiting-review' },
      gates: expect.arrayContaining([
        { id: 'servable', title: expect.any(String), status: 'passed' },
      ]),
    });
    expect(waiting.next).toEqual({ version: 1, eligible: true });

    await started.promotions.approve(id, {}, grace);
    await work();
    const [staging, production] = (await read()).items[0].stops;
    expect(staging).toMatchObject({ deployment: { version: 1 } });
    expect(staging.promotion).toBeUndefined();
    expect(staging.next).toBeUndefined();
    expect(production).toEqual({
      environment: 'production',
      next: {
        version: 1,
        eligible: false,
        reason:
          'Version 1 is to serve in staging for 1 hour before it goes on.',
        until: expect.any(String),
      },
    });
  });

  it('asks nothing of models that there are none of', async () => {
    await harness.knex('models').delete();
    expect(await read()).toMatchObject({ items: [], totalItems: 0 });
  });
});
