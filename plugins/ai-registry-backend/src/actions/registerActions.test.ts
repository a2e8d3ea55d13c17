import { mockCredentials } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import type {
  Dataset,
  Model,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import type { DeprecationService } from '../deprecations/DeprecationService';
import type { DatasetService } from '../datasets/DatasetService';
import type { ModelService } from '../models/ModelService';
import { compareVersions } from '../versions/compareVersions';
import type { VersionService } from '../versions/VersionService';
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
  const actionsRegistry = actionsRegistryServiceMock();
  registerActions({
    actionsRegistry,
    models: models as Partial<ModelService> as ModelService,
    versions: versions as Partial<VersionService> as VersionService,
    datasets: datasets as Partial<DatasetService> as DatasetService,
    deprecations,
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
  return { invoke, models, versions, datasets, deprecations, credentials };
}

describe('actions of the registry', () => {
  it('lists models in the name of the caller', async () => {
    const { invoke, models, credentials } = setup();
    const output = await invoke('list-models', { search: 'dig' });
    expect(output).toEqual({
      models: [
        {
          name: 'digits',
          title: 'Digits',
          description: 'Reads a digit',
          task: 'classification',
          owner: 'group:default/vision-team',
          latestVersion: 2,
          aliases: [{ alias: 'production', version: 1 }],
        },
      ],
      totalModels: 1,
    });
    expect(models.list).toHaveBeenCalledWith(
      { search: 'dig', limit: 20 },
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

  it('refuses input that makes no sense', async () => {
    const { invoke } = setup();
    await expect(
      invoke('compare-versions', { model: 'digits', base: 0, candidate: 2 }),
    ).rejects.toThrow();
  });
});
