import { mockCredentials } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import type {
  Model,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import type { ModelService } from '../models/ModelService';
import { compareVersions } from '../versions/compareVersions';
import type { VersionService } from '../versions/VersionService';
import { registerActions } from './registerActions';

const digits: Model = {
  name: 'digits',
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
  const actionsRegistry = actionsRegistryServiceMock();
  registerActions({
    actionsRegistry,
    models: models as Partial<ModelService> as ModelService,
    versions: versions as Partial<VersionService> as VersionService,
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
  return { invoke, models, versions, credentials };
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

  it('refuses input that makes no sense', async () => {
    const { invoke } = setup();
    await expect(
      invoke('compare-versions', { model: 'digits', base: 0, candidate: 2 }),
    ).rejects.toThrow();
  });
});
