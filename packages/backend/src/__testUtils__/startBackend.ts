import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import {
  type AuthService,
  type BackendFeature,
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  type TestDatabases,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import permissionPlugin from '@backstage/plugin-permission-backend';
import aiInferencePlugin from '@greenroom/plugin-ai-inference-backend';
import aiMonitoringPlugin from '@greenroom/plugin-ai-monitoring-backend';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry-backend';
import aiTrainingPlugin from '@greenroom/plugin-ai-training-backend';
import permissionModuleGreenroom from '@greenroom/plugin-permission-backend-module-greenroom';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import {
  AiRegistryClient,
  type Digest,
} from '@greenroom/plugin-ai-registry-common';
import { AiTrainingClient } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import type { Existing } from './matrix';
import { CLAIMS, headerOf } from './roles';

const ROOT = path.resolve(__dirname, '../../../..');
const TOKEN = 'a-token-for-tests-of-more-than-24-characters';

/** The tokens as the demo declares them, that of another environment's data planes, and one as a team's CI would have it. */
async function readExternalAccess(): Promise<object[]> {
  const text = await readFile(path.join(ROOT, 'app-config.demo.yaml'), 'utf8');
  const config = parse(text.replaceAll(/\$\{\w+\}/g, TOKEN));
  return [
    ...config.backend.auth.externalAccess,
    {
      type: 'greenroom',
      options: {
        name: 'data-plane-staging',
        owner: 'group:default/ml-platform',
        token: TOKEN,
        scopes: [
          { permission: 'ai-inference.snapshot.read', on: 'staging/*' },
          { permission: 'ai-registry.artifact.read', on: 'staging/*' },
          { permission: 'ai-monitoring.record.write', on: 'staging/*' },
          { permission: 'ai-training.job.forward', on: 'staging/*' },
        ],
      },
    },
    {
      type: 'greenroom',
      options: {
        name: 'ci',
        owner: 'group:default/vision',
        token: TOKEN,
        scopes: [
          { permission: 'ai-registry.model.read' },
          { permission: 'ai-registry.model.update', on: '*/digits' },
          { permission: 'ai-registry.model.promote', on: 'dev/digits' },
          { permission: 'ai-inference.deployment.read' },
        ],
      },
    },
    {
      type: 'greenroom',
      options: {
        name: 'registrar',
        owner: 'group:default/vision',
        token: TOKEN,
        scopes: [
          { permission: 'ai-registry.model.read', on: '*/digits' },
          { permission: 'ai-registry.version.register', on: '*/digits' },
        ],
      },
    },
  ];
}

/** Made-up sign-in that, as the real one does, tells a plugin that acts for a person from that person. */
const authFactory = createServiceFactory({
  service: coreServices.auth,
  deps: { plugin: coreServices.pluginMetadata },
  factory({ plugin }): AuthService {
    const mock = mockServices.auth({ pluginId: plugin.getId() });
    return mockServices.auth.mock({
      isPrincipal: mock.isPrincipal.bind(mock) as AuthService['isPrincipal'],
      getNoneCredentials: () => mock.getNoneCredentials(),
      getOwnServiceCredentials: () => mock.getOwnServiceCredentials(),
      getPluginRequestToken: options => mock.getPluginRequestToken(options),
      async authenticate(token) {
        const credentials = await mock.authenticate(token);
        // A service token that stands for a person.
        const isForwarded = token.startsWith('mock-service-token');
        return mock.isPrincipal(credentials, 'user') && isForwarded
          ? mockCredentials.user(credentials.principal.userEntityRef, {
              actor: { subject: 'plugin:permission' },
            })
          : credentials;
      },
    });
  },
});

/** Our plugins with the real permission framework; only sign-in and the catalog are made up. */
export async function startBackend(
  databases: TestDatabases,
  options: {
    /** The module with the policy; Greenroom's unless another is meant. */
    policy?: BackendFeature;
    /** `permission.enabled` */
    permissionsEnabled?: boolean;
    /** Besides ours. */
    features?: BackendFeature[];
    /** Of the catalog, besides people and groups. */
    entities?: Entity[];
    /** `backend.reading.allow`: hosts that addresses may lead to. */
    readable?: string[];
  } = {},
) {
  const {
    policy = permissionModuleGreenroom,
    permissionsEnabled = true,
    features = [],
    entities = [],
    readable = [],
  } = options;
  const directory = await mkdtemp(path.join(tmpdir(), 'routes-'));
  const knexes = new Map<string, Knex>();
  const backend = await startTestBackend({
    features: [
      aiRegistryPlugin,
      aiInferencePlugin,
      aiMonitoringPlugin,
      aiTrainingPlugin,
      ...features,
      permissionPlugin,
      policy,
      permissionsServiceFactory,
      authFactory,
      httpAuthServiceFactory,
      createServiceFactory({
        service: coreServices.database,
        deps: { plugin: coreServices.pluginMetadata },
        async factory({ plugin }) {
          const knex = await databases.init('POSTGRES_18');
          knexes.set(plugin.getId(), knex);
          return { getClient: async () => knex };
        },
      }),
      createServiceFactory({
        service: coreServices.userInfo,
        deps: {},
        factory: () =>
          mockServices.userInfo.mock({
            async getUserInfo({ principal }) {
              const { userEntityRef } = principal as { userEntityRef: string };
              return {
                userEntityRef,
                ownershipEntityRefs: [userEntityRef, ...CLAIMS[userEntityRef]],
              };
            },
          }),
      }),
      catalogServiceMock.factory({
        entities: entities.concat(
          [
            ['Group', 'vision'],
            ['Group', 'health'],
            ['User', 'grace'],
            ['User', 'ada'],
          ].map(([kind, name]) => ({
            apiVersion: 'backstage.io/v1alpha1',
            kind,
            metadata: { namespace: 'default', name },
          })),
        ),
      }),
      mockServices.rootConfig.factory({
        data: {
          backend: {
            baseUrl: 'http://127.0.0.1:0',
            listen: { host: '127.0.0.1', port: 0 },
            auth: { externalAccess: await readExternalAccess() },
            reading: { allow: readable.map(host => ({ host })) },
            actions: { pluginSources: ['ai-registry', 'ai-training'] },
          },
          permission: {
            enabled: permissionsEnabled,
            greenroom: { adminGroups: ['group:default/platform'] },
          },
          greenroom: {
            environments: [
              { name: 'dev' },
              { name: 'staging' },
              {
                name: 'production',
                connections: {
                  llm: { kind: 'openai', secret: 'env:NOBODY_READS_IT' },
                },
              },
            ],
          },
          // Nobody is there, and nobody is asked in the world outside.
          integrations: {
            github: [
              { host: 'git.example.org', apiBaseUrl: 'http://127.0.0.1:1' },
            ],
          },
          aiTraining: { local: { enabled: true } },
          aiRegistry: {
            artifacts: { directory: path.join(directory, 'artifacts') },
            environments: { directory: path.join(directory, 'git') },
            webhooks: {
              httpHosts: ['127.0.0.1'],
              allowPrivateAddresses: true,
              encryptionKey: TOKEN,
            },
          },
        },
      }),
    ],
  });
  return {
    server: backend.server,
    existing: () => fill(backend.server.port(), knexes),
    async stop() {
      await backend.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Makes one thing of each kind that routes are about. */
async function fill(
  port: number,
  knexes: Map<string, Knex>,
): Promise<Existing> {
  const discoveryApi = {
    getBaseUrl: async (pluginId: string) =>
      `http://127.0.0.1:${port}/api/${pluginId}`,
  };
  const tokenOf = (role: 'owner' | 'admin', pluginId: string) => ({
    token: headerOf(role, pluginId)?.replace('Bearer ', ''),
  });
  const registry = new AiRegistryClient({ discoveryApi });
  const ada = tokenOf('owner', 'ai-registry');
  const grace = tokenOf('admin', 'ai-registry');
  const task = 'classification';
  await registry.createModel(
    { name: 'digits', task, owner: 'group:default/vision' },
    ada,
  );
  await registry.createModel(
    { name: 'diabetes', task, owner: 'group:default/health' },
    grace,
  );
  const { digest } = await registry.uploadArtifact(
    await readFile(path.join(ROOT, 'examples/digits/models/v1.onnx')),
    ada,
  );
  await registry.createVersion('digits', { digest }, ada);
  await registry.createDataset(
    { name: 'cities', owner: 'group:default/vision' },
    ada,
  );
  await registry.uploadDatasetFile(
    'cities',
    {
      format: 'jsonl',
      content: Buffer.from('{"input":"Where is Paris?","expected":"France"}\n'),
    },
    ada,
  );
  const runId = await askAssistant(registry, ada);
  await runInProduction(knexes.get('ai-registry')!);
  const promotion = await registry.promote(
    { model: 'digits', version: 1, environment: 'staging', reason: 'Try' },
    ada,
  );
  const inference = new AiInferenceClient({ discoveryApi });
  const key = await inference.createKey(
    { name: 'checkout', models: ['digits'], owner: 'group:default/vision' },
    tokenOf('owner', 'ai-inference'),
  );
  const webhook = await registry.createWebhook(
    {
      name: 'ci',
      // Nobody listens there.
      url: 'https://127.0.0.1:1/',
      events: ['model_version.created'],
      model: 'digits',
    },
    ada,
  );
  const trainingRunId = await train(
    await discoveryApi.getBaseUrl('ai-training'),
    tokenOf('owner', 'ai-training'),
  );
  return {
    digest,
    runId,
    measurementId: await addMeasurement(knexes.get('ai-registry')!),
    trainingRunId,
    trainingJobId: await addJob(knexes.get('ai-training')!, trainingRunId),
    promotionId: promotion.id,
    rolloutId: await addRollout(knexes.get('ai-inference')!, digest),
    keyId: key.id,
    webhookId: webhook.id,
  };
}

/** A template, and a job of it that has ended, as if it had run for a run; a model that is trained again with it. */
async function addJob(knex: Knex, run: string): Promise<string> {
  const id = randomUUID();
  const owner = 'group:default/vision';
  const spec = {
    name: 'digits',
    title: 'digits',
    owner,
    experiment: 'matrix',
    program: { command: ['true'] },
    parameters: [],
    datasets: [],
    resources: { count: 1, nodes: 1 },
    priority: 'normal',
    deadlineMinutes: 1,
    retries: 0,
    checkpoints: false,
  };
  const read = {
    spec: JSON.stringify(spec),
    revision: 'c0ffee',
    source_digest: `sha256:${'3'.repeat(64)}`,
  };
  await knex('training_templates').insert({
    ...read,
    name: 'digits',
    owner,
    location: JSON.stringify({
      type: 'url',
      target:
        'https://git.example.org/ada/digits/blob/main/greenroom/train.yaml',
    }),
    registered_by: 'user:default/ada',
  });
  await knex('training_jobs').insert({
    ...read,
    id,
    run_id: run,
    experiment: '1',
    name: 'matrix',
    template: 'digits',
    parameters: '{}',
    datasets: '[]',
    resources: JSON.stringify(spec.resources),
    priority: 'normal',
    deadline_minutes: 1,
    team: owner,
    backend: 'local',
    state: JSON.stringify({
      phase: 'succeeded',
      since: new Date().toISOString(),
    }),
    submitted_by: 'user:default/ada',
  });
  await knex('retrainings').insert({
    environment: 'production',
    model: 'digits',
    template: 'digits',
    policy: JSON.stringify({ template: 'digits', everyDays: 30 }),
    running_version: 1,
    state: JSON.stringify({ phase: 'idle', since: new Date().toISOString() }),
    first_seen_at: new Date(),
  });
  return id;
}

/** A language model at a provider, and a run of prompts that waits for a data plane. */
async function askAssistant(
  registry: AiRegistryClient,
  options: { token?: string },
): Promise<string> {
  await registry.createModel(
    {
      name: 'assistant',
      task: 'text-generation',
      owner: 'group:default/vision',
    },
    options,
  );
  const descriptor = JSON.stringify({
    formatVersion: 1,
    connection: 'llm',
    model: 'small',
    tasks: ['chat'],
  });
  const file = await registry.uploadArtifact(Buffer.from(descriptor), options);
  const files = [{ path: 'external.json', ...file }];
  await registry.createVersion(
    'assistant',
    { bundle: { format: 'external', files } },
    options,
  );
  const { id } = await registry.createEvaluationRun(
    { model: 'assistant', version: 1 },
    {
      environment: 'production',
      dataset: { name: 'cities', version: 1 },
      scorers: [{ kind: 'exact' }],
    },
    options,
  );
  return id;
}

/** A run of the experiment 1, as a client of MLflow makes it. */
async function train(
  baseUrl: string,
  options: { token?: string },
): Promise<string> {
  const training = new AiTrainingClient({
    discoveryApi: { getBaseUrl: async () => baseUrl },
  });
  const { id } = await training.createExperiment(
    { name: 'digits', owner: 'group:default/vision' },
    options,
  );
  const response = await fetch(`${baseUrl}/mlflow/api/2.0/mlflow/runs/create`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${options.token}`,
    },
    body: JSON.stringify({ experiment_id: id }),
  });
  if (!response.ok) throw new Error(await response.text());
  const { run } = await response.json();
  return run.info.run_id;
}

/** As the merge of a manifest does. */
async function runInProduction(knex: Knex): Promise<void> {
  const place = { model: 'digits', alias: 'production', version: 1 };
  await knex('aliases').insert(place);
  await knex('alias_changes').insert({
    ...place,
    valid_from: new Date(),
    changed_by: 'user:default/ada',
    reason: 'Merged',
  });
}

/** One that waits, and that nobody makes. */
async function addMeasurement(knex: Knex): Promise<string> {
  const id = randomUUID();
  await knex('measurements').insert({
    id,
    model: 'digits',
    version: 1,
    dataset: 'cities',
    dataset_version: 1,
    dataset_digest: `sha256:${'4'.repeat(64)}`,
    rows: 1,
    question: '{"target":"expected"}',
    identity: 'matrix',
    phase: 'queued',
    requested_by: 'user:default/ada',
    created_at: new Date(),
  });
  return id;
}

async function addRollout(knex: Knex, digest: Digest): Promise<string> {
  const id = '7f1b51a5-3ab9-4cbc-9a4c-1d1a7f3bd6a1';
  await knex('rollouts').insert({
    id,
    environment: 'production',
    model: 'digits',
    to_version: 1,
    to_digest: digest,
    kind: 'promotion',
    plan: '{"strategy":"immediate","steps":[]}',
    state: '{"phase":"completed","completedAt":"2026-05-03T12:00:00Z"}',
    commit: 'abc',
    start_split: '[]',
    history: '[]',
    started_at: new Date(),
  });
  return id;
}
