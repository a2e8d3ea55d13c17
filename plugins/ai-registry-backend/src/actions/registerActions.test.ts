import { mockCredentials } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import type {
  Dataset,
  Evaluation,
  Model,
  ModelVersionDetail,
  Promotion,
} from '@greenroom/plugin-ai-registry-common';
import type { DeprecationService } from '../deprecations/DeprecationService';
import type { DatasetService } from '../datasets/DatasetService';
import type { ModelService } from '../models/ModelService';
import { compareVersions } from '../versions/compareVersions';
import type { VersionService } from '../versions/VersionService';
import type { MeasurementService } from '../measurements/MeasurementService';
import { registerActions } from './registerActions';

const digits: Model = {
  name: 'digits',
  externalName: 'digits',
  title: 'Digits',
  description: 'Reads a digit',
  task: 'classification',
  owner: 'group:default/vision-team',
  tags: {},
  versionCount: 2,
  latestVersion: 2,
  aliases: [{ alias: 'production', version: 1 }],
  createdAt: '2026-05-03T12:00:00.000Z',
  createdBy: 'user:default/ada',
  updatedAt: '2026-05-03T12:00:00.000Z',
};

const capitals: Dataset = {
  name: 'capitals',
  title: 'Capitals',
  description: 'Questions',
  owner: 'group:default/ml-platform',
  tags: {},
  versionCount: 2,
  latestVersion: 2,
  createdAt: '2026-05-03T12:00:00.000Z',
  createdBy: 'user:default/ada',
  updatedAt: '2026-05-03T12:00:00.000Z',
};

const versionOf = (version: number): ModelVersionDetail => ({
  model: 'digits',
  version,
  description: '',
  format: 'onnx',
  digest: `sha256:${'1'.repeat(64)}`,
  servability: { state: 'not-tried', reason: 'Made up for a test.' },
  sizeBytes: 10,
  signature: { inputs: [], outputs: [] },
  evaluation: {
    dataset: { name: 'held out', digest: `sha256:${'2'.repeat(64)}`, rows: 2 },
    metrics: { accuracy: version / 2 },
    primary: { name: 'accuracy', higherIsBetter: true },
    perRow: version === 1 ? [0, 1] : [1, 1],
  },
  tags: {},
  source: {},
  aliases: [],
  createdAt: '2026-05-03T12:00:00.000Z',
  createdBy: 'user:default/ada',
});

function setup(model = digits) {
  const models = {
    list: jest.fn(async () => ({ items: [model], totalItems: 1 })),
    get: jest.fn(async () => model),
  };
  const versions = {
    get: jest.fn(async ({ version }) => versionOf(version)),
    list: jest.fn(async () => ({
      items: [versionOf(2), versionOf(1)],
      totalItems: 2,
    })),
    addEvaluation: jest.fn(async (_ref, evaluation: Evaluation) => ({
      ...evaluation,
      id: '7',
      addedAt: '2026-05-03T12:00:00.000Z',
      addedBy: 'user:default/ada',
    })),
    compare: jest.fn(async ({ base, candidate }) =>
      compareVersions(versionOf(base), versionOf(candidate)),
    ),
  };
  const datasets = {
    list: jest.fn(async () => ({ items: [capitals], totalItems: 1 })),
    get: jest.fn(async () => capitals),
    getVersion: jest.fn(async ({ version }) => ({
      dataset: 'capitals',
      version,
      description: '',
      kind: 'stored' as const,
      digest: `sha256:${'3'.repeat(64)}`,
      rows: 30,
      createdAt: '2026-05-03T12:00:00.000Z',
      createdBy: 'user:default/ada',
    })),
    listUses: jest.fn(async () => [
      {
        model: 'chat',
        version: 1,
        metric: { name: 'exact', value: 0.5 },
        addedAt: '2026-05-03T12:00:00.000Z',
        addedBy: 'user:default/ada',
      },
    ]),
  };
  const deprecations = {
    put: jest.fn(async (_thing, { message, sunsetAt }) => ({
      since: '2026-05-03T12:00:00.000Z',
      sunsetAt,
      message,
      deprecatedBy: 'user:default/ada',
    })),
    withdraw: jest.fn(async () => {}),
  } satisfies DeprecationService;
  const promotion = {
    id: 'p1',
    kind: 'promotion',
    model: 'digits',
    version: 2,
    environment: 'staging',
    state: { phase: 'failed', step: 'open', error: 'No host' },
    gates: [
      {
        id: 'artifact-digest',
        title: 'Digest',
        status: 'passed',
        summary: 'Fits.',
      },
    ],
    requestedBy: 'user:default/ada',
    createdAt: '2026-05-03T12:00:00.000Z',
  } as Partial<Promotion> as Promotion;
  const promotions = {
    promote: jest.fn(async () => promotion),
    list: jest.fn(async () => [promotion]),
  };
  const actionsRegistry = actionsRegistryServiceMock();
  registerActions({
    actionsRegistry,
    models: models as Partial<ModelService> as ModelService,
    versions: versions as Partial<VersionService> as VersionService,
    datasets: datasets as Partial<DatasetService> as DatasetService,
    deprecations,
    measurements: {} as MeasurementService,
    promotions,
    pages: { promotion: id => `/promotions/${id}` },
  });
  const credentials = mockCredentials.user();
  const invoke = async (name: string, input: object) => {
    const { output } = await actionsRegistry.invoke({
      id: `test:${name}`,
      input: { ...input },
      credentials,
    });
    return output;
  };
  return {
    invoke,
    models,
    versions,
    datasets,
    deprecations,
    promotions,
    credentials,
  };
}

describe('actions of the registry', () => {
  it('lists models in the name of the caller', async () => {
    const { invoke, models, credentials } = setup();
    const output = await invoke('list-models', {
      search: 'dig',
      tags: ['domain=vision'],
      licence: 'mit',
    });
    expect(output).toEqual({
      models: [
        {
          name: 'digits',
          title: 'Digits',
          description: 'Reads a digit',
          task: 'classification',
          owner: 'group:default/vision-team',
          tags: {},
          latestVersion: 2,
          aliases: [{ alias: 'production', version: 1 }],
        },
      ],
      totalModels: 1,
    });
    expect(models.list).toHaveBeenCalledWith(
      { search: 'dig', tags: ['domain=vision'], licence: 'mit', limit: 20 },
      { credentials },
    );
  });

  it('gets the newest version, without the values of every row', async () => {
    const { invoke } = setup();
    const output = await invoke('get-model-version', { model: 'digits' });
    expect(output).toMatchObject({
      version: 2,
      hasBaseline: false,
      evaluation: { metrics: { accuracy: 1 } },
    });
    expect(JSON.stringify(output)).not.toContain('perRow');
  });

  it('says when there is no version yet', async () => {
    const { invoke } = setup({ ...digits, latestVersion: undefined });
    await expect(
      invoke('get-model-version', { model: 'digits' }),
    ).rejects.toThrow(/no version yet/);
  });

  it('compares two versions', async () => {
    const { invoke } = setup();
    const output = await invoke('compare-versions', {
      model: 'digits',
      base: 1,
      candidate: 2,
    });
    expect(output).toMatchObject({
      metrics: [{ name: 'accuracy', difference: 0.5, better: true }],
      paired: { improvement: 0.5 },
      signature: { compatible: true },
      descriptor: [],
    });
  });

  it('lists datasets in the name of the caller', async () => {
    const { invoke, datasets, credentials } = setup();
    const output = await invoke('list-datasets', { search: 'cap' });
    expect(output).toEqual({
      datasets: [
        {
          name: 'capitals',
          title: 'Capitals',
          description: 'Questions',
          owner: 'group:default/ml-platform',
          latestVersion: 2,
        },
      ],
      totalDatasets: 1,
    });
    expect(datasets.list).toHaveBeenCalledWith(
      { search: 'cap', limit: 20 },
      { credentials },
    );
  });

  it('gets the newest version of a dataset, with what was evaluated on it', async () => {
    const { invoke } = setup();
    const output = await invoke('get-dataset', { dataset: 'capitals' });
    expect(output).toMatchObject({
      version: 2,
      rows: 30,
      owner: 'group:default/ml-platform',
      uses: [{ model: 'chat', metric: { value: 0.5 } }],
    });
  });

  it('deprecates a model, or a version, in the name of the caller', async () => {
    const { invoke, deprecations, credentials } = setup();
    const message = 'Letters knows digits, too.';
    const output = await invoke('deprecate-model', {
      model: 'digits',
      message,
      sunsetAt: '2027-01-31T00:00:00Z',
      replacementModel: 'letters',
    });
    expect(output).toMatchObject({ message, deprecatedBy: 'user:default/ada' });
    expect(deprecations.put).toHaveBeenLastCalledWith(
      { model: 'digits' },
      {
        message,
        sunsetAt: '2027-01-31T00:00:00Z',
        replacement: { model: 'letters' },
      },
      { credentials },
    );
    await invoke('deprecate-model', { model: 'digits', version: 1, message });
    expect(deprecations.put).toHaveBeenLastCalledWith(
      { model: 'digits', version: 1 },
      { message },
      { credentials },
    );
    await invoke('withdraw-deprecation', { model: 'digits', version: 1 });
    expect(deprecations.withdraw).toHaveBeenLastCalledWith(
      { model: 'digits', version: 1 },
      { credentials },
    );
  });

  it('deprecates nothing with half a replacement', async () => {
    const { invoke, deprecations } = setup();
    await expect(
      invoke('deprecate-model', {
        model: 'digits',
        message: 'Old.',
        replacementVersion: 2,
      }),
    ).rejects.toThrow('expected replacementModel');
    expect(deprecations.put).not.toHaveBeenCalled();
  });

  it('shows a model with its newest versions', async () => {
    const { invoke, versions, credentials } = setup();
    const output = await invoke('get-model', { model: 'digits' });
    expect(output).toMatchObject({
      name: 'digits',
      owner: 'group:default/vision-team',
      versions: [
        { version: 2, servability: 'not-tried', metrics: { accuracy: 1 } },
        { version: 1, metrics: { accuracy: 0.5 } },
      ],
    });
    expect(JSON.stringify(output)).not.toContain('perRow');
    expect(versions.list).toHaveBeenCalledWith(
      { model: 'digits', limit: 20 },
      { credentials },
    );
  });

  const measured = {
    model: 'digits',
    version: 2,
    dataset: 'capitals',
    metrics: { exact: 0.5 },
    primaryMetric: 'exact',
    higherIsBetter: true,
  };

  it('logs an evaluation on a registered dataset in the name of the caller', async () => {
    const { invoke, versions, credentials } = setup();
    const digest = `sha256:${'3'.repeat(64)}`;
    const output = await invoke('add-evaluation', {
      ...measured,
      datasetVersion: 2,
    });
    expect(output).toMatchObject({ id: '7', datasetDigest: digest, rows: 30 });
    expect(versions.addEvaluation).toHaveBeenCalledWith(
      { model: 'digits', version: 2 },
      {
        dataset: { name: 'capitals', digest, rows: 30 },
        metrics: { exact: 0.5 },
        primary: { name: 'exact', higherIsBetter: true },
      },
      { credentials },
    );
  });

  it('logs an evaluation on rows that are registered nowhere', async () => {
    const { invoke, versions } = setup();
    const digest = `sha256:${'4'.repeat(64)}`;
    await invoke('add-evaluation', {
      ...measured,
      datasetDigest: digest,
      rows: 5,
    });
    expect(versions.addEvaluation.mock.calls[0][1].dataset).toEqual({
      name: 'capitals',
      digest,
      rows: 5,
    });
  });

  it.each([
    ['datasetVersion', {}],
    ['datasetVersion', { datasetDigest: `sha256:${'4'.repeat(64)}` }],
    [
      'datasetDigest',
      { datasetVersion: 2, datasetDigest: `sha256:${'4'.repeat(64)}` },
    ],
    ['rows', { datasetVersion: 2, rows: 31 }],
    ['metrics', { datasetVersion: 2, metrics: {} }],
    [
      'metrics',
      {
        datasetVersion: 2,
        metrics: Object.fromEntries(
          Array.from({ length: 201 }, (_, index) => [`m${index}`, 1]),
        ),
      },
    ],
  ])('names %s where that is wrong', async (field, wrong) => {
    const { invoke, versions } = setup();
    await expect(
      invoke('add-evaluation', { ...measured, ...wrong }),
    ).rejects.toThrow(`${field}: `);
    expect(versions.addEvaluation).not.toHaveBeenCalled();
  });

  it('requests a promotion in the name of the caller, and says how it goes on', async () => {
    const { invoke, promotions, credentials } = setup();
    const request = {
      model: 'digits',
      version: 2,
      environment: 'staging',
      reason: 'It reads sevens better',
    };
    expect(await invoke('request-promotion', request)).toEqual({
      id: 'p1',
      phase: 'failed',
      page: '/promotions/p1',
    });
    expect(promotions.promote).toHaveBeenCalledWith(request, { credentials });
    const listed = await invoke('list-promotions', { model: 'digits' });
    expect(listed).toMatchObject({
      promotions: [
        {
          phase: 'failed',
          note: 'No host',
          gates: [{ title: 'Digest', status: 'passed', summary: 'Fits.' }],
        },
      ],
    });
    expect(promotions.list).toHaveBeenCalledWith(
      { model: 'digits', limit: 5 },
      { credentials },
    );
    await expect(
      invoke('request-promotion', { ...request, reason: ' ' }),
    ).rejects.toThrow();
  });

  it('refuses input that makes no sense', async () => {
    const { invoke } = setup();
    await expect(
      invoke('compare-versions', { model: 'digits', base: 0, candidate: 2 }),
    ).rejects.toThrow();
  });
});
