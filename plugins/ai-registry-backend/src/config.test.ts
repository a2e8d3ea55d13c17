import {
  DEFAULT_ENVIRONMENTS,
  EnvironmentConnections,
} from '@greenroom/plugin-ai-registry-common';
import { mockServices } from '@backstage/backend-test-utils';
import { resolve } from 'node:path';
import { readRegistryConfig } from './config';
import { Gates } from './promotion/gates/Gates';

const PLACES = {
  artifacts: { directory: 'artifacts' },
  environments: { directory: '/data/environments.git' },
};

const readExactly = (aiRegistry?: object) =>
  readRegistryConfig(
    mockServices.rootConfig({ data: aiRegistry ? { aiRegistry } : {} }),
  );

/** With the two settings that have no default. */
const read = (aiRegistry?: { artifacts?: object; [key: string]: unknown }) =>
  readExactly({
    ...PLACES,
    ...aiRegistry,
    artifacts: { ...PLACES.artifacts, ...aiRegistry?.artifacts },
  });

describe('readRegistryConfig', () => {
  it.each([
    [
      undefined,
      'aiRegistry.artifacts.directory is not set: set it to the folder in which the files of models are kept',
    ],
    [
      { artifacts: PLACES.artifacts },
      'aiRegistry.environments.directory is not set: set it to the bare Git repository that says what runs where',
    ],
    [
      {
        artifacts: { store: { type: 's3', bucket: 'models' } },
        environments: PLACES.environments,
      },
      'aiRegistry.artifacts.directory is not set: set it to the folder in which uploads wait',
    ],
  ])('asks where things are kept: %j', (aiRegistry, message) => {
    expect(() => readExactly(aiRegistry)).toThrow(message);
  });

  it('has a default for everything but where things are kept', () => {
    expect(read()).toEqual({
      administrators: [],
      artifacts: {
        directory: resolve('artifacts'),
        store: { type: 'folder' },
        maxBytes: 20 * 1024 ** 3,
        maxBundleBytes: 100 * 1024 ** 3,
        graceMillis: 24 * 60 * 60 * 1_000,
      },
      audit: { keepMonths: 13 },
      environments: DEFAULT_ENVIRONMENTS,
      connections: new EnvironmentConnections(new Map()),
      environmentsRepository: { directory: '/data/environments.git' },
      webhooks: {
        // Only in tests.
        allowPrivateAddresses: true,
        httpHosts: [],
        encryptionSecrets: [],
      },
      versions: { pickles: 'mark' },
      signing: { keys: [] },
      trial: {
        program: undefined,
        timeoutMillis: 120_000,
        maxMemoryBytes: 4 * 1024 ** 3,
      },
      promotion: {
        defaultRollout: {
          strategy: 'canary',
          steps: expect.arrayContaining([
            { weightPercent: 100, holdSeconds: 0 },
          ]),
        },
        gates: expect.any(Gates),
        reviewers: [],
        rollbackApprovals: 0,
      },
    });
  });

  it('takes the months of the audit log by their former name, too', () => {
    const events = { keepMonths: 3 };
    expect(read({ events }).audit).toEqual({ keepMonths: 3 });
    expect(read({ events, audit: { keepMonths: 24 } }).audit).toEqual({
      keepMonths: 24,
    });
    expect(() => read({ audit: { keepMonths: 0 } })).toThrow(
      'aiRegistry.audit.keepMonths is 0: it must lie between 1 and 1200',
    );
  });

  const readStore = (store: object) => read({ artifacts: { store } });

  it('takes a bucket as the artifact store', () => {
    expect(readStore({ type: 's3', bucket: 'models' }).artifacts.store).toEqual(
      {
        type: 's3',
        bucket: 'models',
        region: 'us-east-1',
        endpoint: undefined,
        forcePathStyle: false,
        prefix: '',
        credentials: undefined,
        timeoutMillis: 30_000,
        maxAttempts: 3,
      },
    );
    expect(
      readStore({
        type: 's3',
        bucket: 'models',
        endpoint: 'http://127.0.0.1:9000',
        accessKeyId: 'key',
        secretAccessKey: 'secret',
        timeoutSeconds: 5,
      }).artifacts.store,
    ).toMatchObject({
      forcePathStyle: true,
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      timeoutMillis: 5_000,
    });
  });

  it.each([
    [{ type: 'tape' }, /store\.type is 'tape': it must be folder or s3/],
    [{ type: 's3' }, /bucket/],
    [
      { type: 's3', bucket: 'models', accessKeyId: 'key' },
      /needs both accessKeyId and secretAccessKey/,
    ],
    [
      { type: 's3', bucket: 'models', endpoint: 'localhost:9000' },
      /endpoint is 'localhost:9000': it must be a URL/,
    ],
    [
      { type: 's3', bucket: 'models', maxAttempts: 0 },
      /store\.maxAttempts is 0: it must lie between 1 and 10/,
    ],
  ])('refuses the artifact store %j', (store, reason) => {
    expect(() => readStore(store)).toThrow(reason);
  });

  it('takes what is set', () => {
    const defaultRollout = { strategy: 'immediate', steps: [] };
    expect(
      read({
        artifacts: { directory: '/data/models', maxBytes: 5 },
        promotion: {
          defaultRollout,
          rollbackApprovals: 1,
          reviewers: ['group:ml-platform'],
        },
      }),
    ).toMatchObject({
      artifacts: { directory: '/data/models', maxBytes: 5 },
      promotion: {
        defaultRollout,
        rollbackApprovals: 1,
        reviewers: ['group:default/ml-platform'],
      },
    });
  });

  it.each([
    [{ artifacts: { maxBytes: 0 } }, 'aiRegistry.artifacts.maxBytes is 0'],
    [
      { promotion: { gates: { evaluation: { margin: 2 } } } },
      'aiRegistry.promotion.gates.evaluation.margin is 2',
    ],
    [
      { promotion: { reviewers: ['grace'] } },
      "aiRegistry.promotion.reviewers: 'grace' is not an entity ref",
    ],
    [
      { promotion: { rollbackApprovals: -1 } },
      'aiRegistry.promotion.rollbackApprovals is -1',
    ],
    [
      { promotion: { defaultRollout: { strategy: 'canary', steps: [] } } },
      'aiRegistry.promotion.defaultRollout: steps: expected at least one step',
    ],
  ])('refuses %j and names the setting', (settings, message) => {
    expect(() => read(settings)).toThrow(message);
  });
});
