import type { Role } from './roles';

/** Things that exist when the matrix is asked. */
export interface Existing {
  digest: string;
  promotionId: string;
  rolloutId: string;
  /** Of prompts, for version 1 of `assistant`. */
  runId: string;
  /** Of version 1 of `digits`. */
  measurementId: string;
  /** Of the experiment 1. */
  trainingRunId: string;
  /** Of that run, and of the template `digits`. */
  trainingJobId: string;
  keyId: string;
  /** Of the model `digits`. */
  webhookId: string;
}

/** What somebody asks of a route, and who gets past its permissions. */
export interface Question {
  /** As Express and the OpenAPI document have it. */
  route: string;
  /** What is special about this question, where a route has several. */
  about?: string;
  /** Values of the path's parameters; those of {@link Existing} are added. */
  params?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: object | Buffer | ((existing: Existing) => object);
  /** Also somebody without a token. */
  isPublic?: true;
  /** Everybody else is refused. */
  may: readonly Role[];
  /** Those of whom everything is left out: they get an empty list. */
  seesNothing?: readonly Role[];
}

const PEOPLE = ['user', 'owner', 'reviewer', 'admin'] as const;
const OWNERS = ['owner', 'reviewer', 'admin', 'plugin'] as const;
const PROGRAMS = [
  'dataPlane',
  'otherDataPlane',
  'ci',
  'plainToken',
  'plugin',
] as const;
const EVERYBODY = [...PEOPLE, ...PROGRAMS] as const;
const READERS = [...PEOPLE, 'ci', 'plugin'] as const;
const NOT_READERS = ['dataPlane', 'otherDataPlane', 'plainToken'] as const;
const ADMINS = ['admin', 'plugin'] as const;

const MODEL = { model: 'digits' };
const VERSION = { ...MODEL, version: '1' };
const IN_PRODUCTION = { ...MODEL, environment: 'production' };
const RANGE = { from: '2026-05-03T10:00:00Z', to: '2026-05-03T11:00:00Z' };
const reason = 'The matrix asks';
const report = {
  producer: 'matrix',
  publicUrl: 'http://127.0.0.1:1',
  models: [],
};
const batch = (environment: string) => ({
  formatVersion: 2,
  producer: 'matrix',
  sequence: 1,
  sentAt: new Date().toISOString(),
  environment,
  lost: { total: 0, samples: 0 },
  groups: [],
});
const key = {
  name: 'matrix',
  models: ['digits'],
  owner: 'group:default/vision',
};
const infer = { inputs: [] };
const chat = { messages: [] };

const documents = [
  'ai-registry',
  'ai-inference',
  'ai-monitoring',
  'ai-training',
].map(
  (plugin): Question => ({
    route: `GET /${plugin}/openapi.json`,
    may: EVERYBODY,
  }),
);

const CITIES = { dataset: 'cities', version: '1' };
/** None has permissions on datasets by its scopes. */
const DATASET_READERS = [...PEOPLE, 'plugin'] as const;

const datasets: Question[] = [
  {
    route: 'GET /ai-registry/datasets',
    may: DATASET_READERS,
    seesNothing: [...NOT_READERS, 'ci'],
  },
  {
    route: 'POST /ai-registry/datasets',
    about: 'for a group that owners belong to',
    body: { name: 'matrix', owner: 'group:default/vision' },
    may: OWNERS,
  },
  {
    route: 'GET /ai-registry/dataset-versions',
    query: { digest: `sha256:${'1'.repeat(64)}` },
    may: DATASET_READERS,
    seesNothing: [...NOT_READERS, 'ci'],
  },
  ...['', '/versions', '/versions/:version', '/versions/:version/uses'].map(
    (below): Question => ({
      route: `GET /ai-registry/datasets/:dataset${below}`,
      params: CITIES,
      may: DATASET_READERS,
    }),
  ),
  ...['rows', 'preview', 'file'].map(
    (part): Question => ({
      route: `GET /ai-registry/datasets/:dataset/versions/:version/${part}`,
      params: CITIES,
      may: DATASET_READERS,
    }),
  ),
  {
    route: 'PATCH /ai-registry/datasets/:dataset',
    params: CITIES,
    body: { description: 'Changed' },
    may: OWNERS,
  },
  {
    route: 'POST /ai-registry/datasets/:dataset/files',
    params: CITIES,
    query: { format: 'jsonl' },
    body: Buffer.from('{"input":"Where is Lisbon?"}\n'),
    may: OWNERS,
  },
  {
    route: 'POST /ai-registry/datasets/:dataset/versions',
    params: CITIES,
    body: {
      uri: 's3://bucket/cities.csv',
      digest: `sha256:${'1'.repeat(64)}`,
    },
    may: OWNERS,
  },
];

const ASSISTANT = { model: 'assistant', version: '1' };
const LEASE = '7f1b51a5-3ab9-4cbc-9a4c-1d1a7f3bd6a2';

const DIGITS_1 = { model: 'digits', version: '1' };

const measurements: Question[] = [
  {
    route: 'GET /ai-registry/models/:model/versions/:version/measurements',
    params: DIGITS_1,
    may: READERS,
  },
  {
    route: 'POST /ai-registry/models/:model/versions/:version/measurements',
    params: DIGITS_1,
    // There is no such version: who may ask is told so.
    body: {
      dataset: { name: 'cities', version: 2147483647 },
      target: 'expected',
    },
    may: OWNERS,
  },
  {
    route:
      'GET /ai-registry/models/:model/versions/:version/measurements/:measurement',
    params: DIGITS_1,
    may: READERS,
  },
  {
    route:
      'DELETE /ai-registry/models/:model/versions/:version/measurements/:measurement',
    params: DIGITS_1,
    may: [...OWNERS, 'ci'],
  },
];

const evaluationRuns: Question[] = [
  {
    route: 'GET /ai-registry/models/:model/versions/:version/evaluation-runs',
    params: ASSISTANT,
    may: READERS,
  },
  {
    route: 'POST /ai-registry/models/:model/versions/:version/evaluation-runs',
    params: ASSISTANT,
    body: {
      environment: 'production',
      dataset: { name: 'cities', version: 1 },
      scorers: [{ kind: 'exact' }],
    },
    may: OWNERS,
  },
  {
    route:
      'GET /ai-registry/models/:model/versions/:version/evaluation-runs/:run',
    params: ASSISTANT,
    may: READERS,
  },
  {
    route:
      'GET /ai-registry/models/:model/versions/:version/evaluation-runs/:run/answers',
    params: ASSISTANT,
    may: DATASET_READERS,
  },
  {
    route:
      'DELETE /ai-registry/models/:model/versions/:version/evaluation-runs/:run',
    params: ASSISTANT,
    may: OWNERS,
  },
  {
    route: 'POST /ai-registry/environments/:environment/evaluation-work',
    params: { environment: 'production' },
    body: { producer: 'matrix', waitSeconds: 0 },
    may: ['dataPlane', 'plugin'],
  },
  {
    route: 'POST /ai-registry/environments/:environment/evaluation-work/:run',
    params: { environment: 'production' },
    body: { lease: LEASE, answers: [], after: -1, want: 0 },
    may: ['dataPlane', 'plugin'],
  },
];

const NEW_HOOK = {
  name: 'matrix',
  url: 'https://127.0.0.1:1/',
  events: ['model_version.created'],
};

const webhooks: Question[] = [
  {
    route: 'GET /ai-registry/webhooks',
    may: [...OWNERS, 'ci'],
    seesNothing: ['user', ...NOT_READERS],
  },
  { route: 'POST /ai-registry/webhooks', body: NEW_HOOK, may: ADMINS },
  {
    route: 'POST /ai-registry/webhooks',
    about: 'of one model',
    body: { ...NEW_HOOK, ...MODEL },
    may: [...OWNERS, 'ci'],
  },
  { route: 'GET /ai-registry/webhooks/:webhook', may: [...OWNERS, 'ci'] },
  {
    route: 'PATCH /ai-registry/webhooks/:webhook',
    body: { description: 'Changed' },
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'DELETE /ai-registry/webhooks/:webhook',
    // There is no such hook, and everybody is told so.
    params: { webhook: '00000000-0000-4000-8000-000000000000' },
    may: EVERYBODY,
  },
  {
    route: 'POST /ai-registry/webhooks/:webhook/test',
    body: {},
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'GET /ai-registry/webhooks/:webhook/deliveries',
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'POST /ai-registry/webhooks/:webhook/deliveries/:delivery/replay',
    params: { delivery: '00000000-0000-4000-8000-000000000000' },
    body: {},
    may: [...OWNERS, 'ci'],
  },
];

const registry: Question[] = [
  { route: 'GET /ai-registry/service-tokens', may: ['admin'] },
  {
    route: 'POST /ai-registry/service-tokens',
    body: {
      name: 'matrix',
      owner: 'group:default/vision',
      scopes: [{ permission: 'ai-registry.model.read' }],
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    },
    may: ['admin'],
  },
  {
    route: 'POST /ai-registry/service-tokens/:name/revoke',
    params: { name: 'nobodys' },
    body: {},
    may: ['admin'],
  },
  {
    route: 'GET /ai-registry/audit',
    may: OWNERS,
    // They own nothing.
    seesNothing: ['user'],
  },
  {
    route: 'GET /ai-registry/models',
    may: READERS,
    seesNothing: NOT_READERS,
  },
  {
    route: 'POST /ai-registry/models',
    about: 'for a group that owners belong to',
    body: {
      name: 'digits',
      task: 'classification',
      owner: 'group:default/vision',
    },
    may: OWNERS,
  },
  { route: 'GET /ai-registry/models/:model', params: MODEL, may: READERS },
  {
    route: 'GET /ai-registry/models/:model/overview',
    params: MODEL,
    may: READERS,
  },
  {
    route: 'PATCH /ai-registry/models/:model',
    params: MODEL,
    body: { description: 'Changed' },
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'PATCH /ai-registry/models/:model',
    about: 'of others',
    params: { model: 'diabetes' },
    body: { description: 'Changed' },
    may: ADMINS,
  },
  ...['model-searches', 'version-searches'].map(
    (searches): Question => ({
      route: `POST /ai-registry/${searches}`,
      body: {},
      may: READERS,
      seesNothing: NOT_READERS,
    }),
  ),
  // What runs is not deleted: those who may are told so.
  {
    route: 'DELETE /ai-registry/models/:model',
    params: MODEL,
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'POST /ai-registry/models/:model/restore',
    params: MODEL,
    body: {},
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'PATCH /ai-registry/models/:model/versions/:version',
    params: VERSION,
    body: { tagChanges: { matrix: 'asked' } },
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'DELETE /ai-registry/models/:model/versions/:version',
    // There is no such version: nobody is told so who may not delete one.
    params: { ...MODEL, version: '99' },
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'POST /ai-registry/models/:model/versions/:version/restore',
    params: VERSION,
    body: {},
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'GET /ai-registry/models/:model/versions',
    params: MODEL,
    may: READERS,
  },
  {
    route: 'POST /ai-registry/models/:model/versions',
    params: MODEL,
    body: ({ digest }) => ({ digest }),
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'POST /ai-registry/versions',
    body: ({ digest }) => ({ externalName: MODEL.model, version: { digest } }),
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'GET /ai-registry/models/:model/versions/:version',
    params: VERSION,
    may: READERS,
  },
  {
    route: 'GET /ai-registry/models/:model/versions/:version/files',
    params: VERSION,
    may: READERS,
  },
  {
    route: 'GET /ai-registry/models/:model/versions/:version/ml-bom',
    params: VERSION,
    may: READERS,
  },
  {
    route: 'GET /ai-registry/models/:model/versions/:version/signature',
    params: VERSION,
    may: READERS,
  },
  {
    route: 'PUT /ai-registry/models/:model/versions/:version/signature',
    // There is no such version: nobody is told so who may not sign one.
    params: { ...MODEL, version: '99' },
    body: {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {},
      dsseEnvelope: {
        payload: 'e30=',
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: 'AA==' }],
      },
    },
    may: [...OWNERS, 'ci'],
  },
  ...[
    { where: 'models/:model', params: MODEL },
    { where: 'models/:model/versions/:version', params: VERSION },
  ].flatMap<Question>(({ where, params }) => [
    {
      route: `PUT /ai-registry/${where}/deprecation`,
      params,
      body: { message: 'Nobody looks after it any more' },
      may: [...OWNERS, 'ci'],
    },
    {
      route: `DELETE /ai-registry/${where}/deprecation`,
      params,
      may: [...OWNERS, 'ci'],
    },
  ]),
  {
    route: 'GET /ai-registry/models/:model/versions/:version/evaluations',
    params: VERSION,
    may: READERS,
  },
  {
    route: 'POST /ai-registry/models/:model/versions/:version/evaluations',
    params: VERSION,
    body: {
      dataset: { name: 'rows', digest: `sha256:${'1'.repeat(64)}`, rows: 10 },
      metrics: { accuracy: 0.9 },
      primary: { name: 'accuracy', higherIsBetter: true },
    },
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'POST /ai-registry/models/:model/versions/:version/trial',
    params: VERSION,
    body: {},
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'GET /ai-registry/models/:model/compare',
    params: MODEL,
    query: { base: '1', candidate: '2' },
    may: READERS,
  },
  {
    route: 'GET /ai-registry/models/:model/alias-history',
    params: MODEL,
    may: READERS,
  },
  {
    route: 'GET /ai-registry/models/:model/versions/:version/card',
    params: VERSION,
    may: READERS,
  },
  {
    route: 'PUT /ai-registry/models/:model/versions/:version/card',
    params: VERSION,
    body: { text: '# Digits' },
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'GET /ai-registry/models/:model/versions/:version/card/export',
    params: VERSION,
    may: READERS,
  },
  {
    route: 'GET /ai-registry/models/:model/as-of',
    params: MODEL,
    query: { at: RANGE.from },
    may: READERS,
  },
  {
    route: 'GET /ai-registry/models/:model/aliases/:alias',
    params: { ...MODEL, alias: 'production' },
    may: READERS,
  },
  {
    route: 'PUT /ai-registry/models/:model/aliases/:alias',
    params: { ...MODEL, alias: 'champion' },
    body: { version: 1, reason },
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'DELETE /ai-registry/models/:model/aliases/:alias',
    params: { ...MODEL, alias: 'champion' },
    body: { reason },
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'POST /ai-registry/artifacts',
    body: Buffer.from('no model'),
    may: [...PEOPLE, 'plugin'],
  },
  {
    route: 'POST /ai-registry/artifacts/collect',
    body: { dryRun: true },
    may: ADMINS,
  },
  {
    route: 'GET /ai-registry/artifacts/:digest',
    about: 'that runs in production',
    may: [...READERS, 'dataPlane'],
  },
  {
    route: 'GET /ai-registry/pipeline',
    may: READERS,
    seesNothing: NOT_READERS,
  },
  {
    route: 'GET /ai-registry/promotions',
    may: READERS,
    seesNothing: NOT_READERS,
  },
  {
    route: 'POST /ai-registry/promotions',
    about: 'to production',
    body: { ...IN_PRODUCTION, version: 1, reason },
    may: OWNERS,
  },
  {
    route: 'POST /ai-registry/promotions',
    about: 'to dev',
    body: { ...MODEL, environment: 'dev', version: 1, reason },
    may: [...OWNERS, 'ci'],
  },
  { route: 'GET /ai-registry/promotions/:id', may: READERS },
  {
    route: 'POST /ai-registry/promotions/:id/approve',
    about: "the owner's own",
    body: {},
    // Whoever asked for it needs somebody else, and that is a person.
    may: ['reviewer', 'admin'],
  },
  {
    route: 'POST /ai-registry/promotions/:id/overrides',
    body: { gate: 'evaluation', reason },
    // Owners do not override the gates that their own models are held against.
    may: ['admin'],
  },
  {
    route: 'POST /ai-registry/promotions/:id/retry',
    body: {},
    may: OWNERS,
  },
  {
    route: 'POST /ai-registry/promotions/:id/close',
    body: { reason },
    may: OWNERS,
  },
  {
    route: 'POST /ai-registry/rollbacks',
    body: { ...IN_PRODUCTION, reason },
    may: OWNERS,
  },
  {
    route: 'GET /ai-registry/environments/:environment/deployments',
    params: IN_PRODUCTION,
    may: EVERYBODY,
  },
  ...datasets,
  ...webhooks,
  ...evaluationRuns,
  ...measurements,
  { route: 'GET /ai-registry/git-host', may: EVERYBODY },
  { route: 'GET /ai-registry/environments', may: EVERYBODY },
  { route: 'GET /ai-registry/environment-problems', may: EVERYBODY },
  {
    route: 'GET /ai-registry/schemas/model-deployment.v2.json',
    isPublic: true,
    may: EVERYBODY,
  },
];

const inference: Question[] = [
  {
    route: 'GET /ai-inference/audit',
    may: OWNERS,
    // They own nothing.
    seesNothing: ['user'],
  },
  { route: 'GET /ai-inference/deployments', may: READERS },
  { route: 'GET /ai-inference/rollouts', may: READERS },
  {
    route: 'GET /ai-inference/models/:model/consumers',
    params: MODEL,
    may: [...OWNERS, 'ci'],
  },
  {
    route: 'GET /ai-inference/comparisons/:id',
    params: { id: '00000000-0000-4000-8000-000000000000.1' },
    may: READERS,
  },
  { route: 'GET /ai-inference/data-planes', may: READERS },
  { route: 'GET /ai-inference/environments', may: READERS },
  {
    route: 'POST /ai-inference/environments/:environment/data-plane',
    params: { environment: 'production' },
    body: { wanted: true },
    may: ADMINS,
  },
  {
    route: 'POST /ai-inference/environments/:environment/data-plane',
    about: 'in dev',
    params: { environment: 'dev' },
    body: { wanted: true },
    may: [...PEOPLE, 'plugin'],
  },
  {
    route: 'POST /ai-inference/environments/:environment/data-plane/wake',
    params: { environment: 'production' },
    body: {},
    may: ['plugin'],
  },
  {
    route: 'POST /ai-inference/environments/:environment/data-plane/repair',
    params: { environment: 'production' },
    body: {},
    may: ADMINS,
  },
  { route: 'GET /ai-inference/leftovers', may: READERS },
  { route: 'GET /ai-inference/clusters', may: READERS },
  {
    route: 'POST /ai-inference/environments/:environment/leftovers/removal',
    params: { environment: 'production' },
    body: { ids: ['none'], dryRun: true },
    may: ADMINS,
  },
  {
    route: 'GET /ai-inference/environments/:environment/data-plane/pods',
    params: { environment: 'production' },
    may: READERS,
  },
  {
    route:
      'GET /ai-inference/environments/:environment/data-plane/pods/:pod/log',
    params: { environment: 'production', pod: 'greenroom-production-1-a' },
    may: ADMINS,
  },
  {
    route:
      'GET /ai-inference/environments/:environment/data-plane/pods/:pod/log',
    about: 'in dev',
    params: { environment: 'dev', pod: 'greenroom-dev-1-a' },
    may: [...PEOPLE, 'plugin'],
  },
  {
    route: 'GET /ai-inference/environments/:environment/connections',
    params: { environment: 'production' },
    may: READERS,
  },
  {
    route:
      'POST /ai-inference/environments/:environment/connections/:name/check',
    params: { environment: 'production', name: 'llm' },
    body: {},
    may: ADMINS,
  },
  {
    route:
      'POST /ai-inference/environments/:environment/connections/:name/check',
    about: 'in dev',
    params: { environment: 'dev', name: 'llm' },
    body: {},
    may: [...PEOPLE, 'plugin'],
  },
  { route: 'POST /ai-inference/rollouts/:id/retry', body: {}, may: OWNERS },
  { route: 'POST /ai-inference/rollouts/:id/pause', body: {}, may: OWNERS },
  { route: 'POST /ai-inference/rollouts/:id/resume', body: {}, may: OWNERS },
  {
    route: 'POST /ai-inference/rollouts/:id/skip',
    body: { reason: 'Because' },
    // Whoever reviews promotions there; the one who asked for it is refused besides.
    may: OWNERS,
  },
  {
    route: 'POST /ai-inference/rollouts/:id/abort',
    body: { reason: 'Because' },
    may: OWNERS,
  },
  {
    route: 'POST /ai-inference/rollouts/:id/restart',
    body: { reason: 'Because' },
    may: OWNERS,
  },
  {
    route: 'GET /ai-inference/keys',
    may: OWNERS,
    // They own none.
    seesNothing: ['user', 'dataPlane', 'otherDataPlane', 'ci', 'plainToken'],
  },
  { route: 'POST /ai-inference/keys', body: key, may: OWNERS },
  {
    route: 'POST /ai-inference/keys',
    about: 'for a model of others',
    body: { ...key, models: ['diabetes'] },
    may: ADMINS,
  },
  {
    route: 'POST /ai-inference/keys',
    about: 'for all models',
    body: { ...key, models: ['*'] },
    may: ADMINS,
  },
  { route: 'POST /ai-inference/keys/:id/revoke', body: {}, may: OWNERS },
  { route: 'PUT /ai-inference/keys/:id/limits', body: {}, may: OWNERS },
  {
    route: 'PUT /ai-inference/keys/:id/scopes',
    body: { scopes: ['versions'] },
    may: OWNERS,
  },
  {
    route: 'POST /ai-inference/playground/:environment/:model',
    params: IN_PRODUCTION,
    body: infer,
    may: OWNERS,
  },
  {
    route: 'POST /ai-inference/playground/:environment/:model',
    about: 'in dev',
    params: { ...MODEL, environment: 'dev' },
    body: infer,
    may: [...OWNERS, 'user'],
  },
  {
    route:
      'POST /ai-inference/playground/:environment/:model/versions/:version',
    params: { ...IN_PRODUCTION, version: '1' },
    body: infer,
    may: OWNERS,
  },
  {
    route: 'POST /ai-inference/playground/:environment/:model/explain',
    params: IN_PRODUCTION,
    body: infer,
    may: OWNERS,
  },
  {
    route:
      'POST /ai-inference/playground/:environment/:model/versions/:version/explain',
    params: { ...IN_PRODUCTION, version: '1' },
    body: infer,
    may: OWNERS,
  },
  {
    route: 'POST /ai-inference/playground/:environment/:model/language/:task',
    params: { ...IN_PRODUCTION, task: 'chat' },
    body: chat,
    may: OWNERS,
  },
  {
    route:
      'POST /ai-inference/playground/:environment/:model/versions/:version/language/:task',
    params: { ...IN_PRODUCTION, version: '1', task: 'chat' },
    body: chat,
    may: OWNERS,
  },
  ...[
    { route: 'GET /ai-inference/environments/:environment/routes' },
    { route: 'GET /ai-inference/environments/:environment/access' },
    {
      route: 'POST /ai-inference/environments/:environment/reports',
      body: report,
    },
  ].flatMap((question): Question[] => [
    {
      ...question,
      params: IN_PRODUCTION,
      may: ['dataPlane', 'plugin'],
    },
    {
      ...question,
      about: 'of staging',
      params: { environment: 'staging' },
      may: ['otherDataPlane', 'plugin'],
    },
  ]),
];

const VIEWERS = [...PEOPLE, 'plugin'] as const;
const monitoring: Question[] = [
  {
    route: 'GET /ai-monitoring/audit',
    may: OWNERS,
    // They own nothing.
    seesNothing: ['user'],
  },
  {
    route: 'POST /ai-monitoring/records',
    body: batch('production'),
    may: ['dataPlane', 'plugin'],
  },
  {
    route: 'POST /ai-monitoring/records',
    about: 'of staging',
    body: batch('staging'),
    may: ['otherDataPlane', 'plugin'],
  },
  { route: 'GET /ai-monitoring/health', may: VIEWERS },
  { route: 'GET /ai-monitoring/ingest', may: VIEWERS },
  {
    route:
      'GET /ai-monitoring/environments/:environment/models/:model/recent-rows',
    params: IN_PRODUCTION,
    may: OWNERS,
  },
  ...['', '/history', '/results.csv'].map(
    (path): Question => ({
      route: `GET /ai-monitoring/comparisons/:comparison${path}`,
      params: { comparison: 'unknown.1' },
      may: VIEWERS,
    }),
  ),
  ...[
    '/holes',
    '/models/:model/traffic',
    '/models/:model/markers',
    '/models/:model/outcomes',
    '/models/:model/versions/:version/drift',
    '/models/:model/versions/:version/drift-for/:candidate',
    '/models/:model/versions/:version/drift-timeline',
  ].map(
    (path): Question => ({
      route: `GET /ai-monitoring/environments/:environment${path}`,
      params: { ...IN_PRODUCTION, version: '1', candidate: '2' },
      query: RANGE,
      may: VIEWERS,
    }),
  ),
];

const DIGITS = { experiment: '1' };
const TEMPLATE = { template: 'digits' };
/** None has permissions on experiments by its scopes. */
const EXPERIMENT_READERS = [...PEOPLE, 'plugin'] as const;

const training: Question[] = [
  {
    route: 'GET /ai-training/audit',
    may: OWNERS,
    // They own nothing.
    seesNothing: ['user'],
  },
  {
    // For the registry's backend alone.
    route: 'POST /ai-training/artifacts/used',
    body: { digests: [] },
    may: [],
  },
  {
    route: 'GET /ai-training/experiments',
    may: EXPERIMENT_READERS,
    seesNothing: [...NOT_READERS, 'ci'],
  },
  {
    route: 'POST /ai-training/experiments',
    about: 'for a group that owners belong to',
    body: { name: 'matrix', owner: 'group:default/vision' },
    may: OWNERS,
  },
  ...['', '/runs'].map(
    (below): Question => ({
      route: `GET /ai-training/experiments/:experiment${below}`,
      params: DIGITS,
      may: EXPERIMENT_READERS,
    }),
  ),
  {
    route: 'PATCH /ai-training/experiments/:experiment',
    params: DIGITS,
    body: { description: 'Changed' },
    may: OWNERS,
  },
  {
    route: 'POST /ai-training/experiments/:experiment/imported-runs',
    params: DIGITS,
    body: {
      id: 'c0ffee00c0ffee00c0ffee00c0ffee00',
      name: 'matrix',
      userId: 'ada',
      status: 'FINISHED',
    },
    may: OWNERS,
  },
  {
    route: 'POST /ai-training/experiments/:experiment/imported-logged-models',
    params: DIGITS,
    body: { id: 'm-c0ffee00c0ffee00c0ffee00c0ffee00', name: 'matrix' },
    may: OWNERS,
  },
  {
    route: 'GET /ai-training/schemas/training-template.v1.json',
    isPublic: true,
    may: EVERYBODY,
  },
  {
    route: 'GET /ai-training/templates',
    may: EXPERIMENT_READERS,
  },
  {
    route: 'POST /ai-training/templates',
    body: {
      location: {
        type: 'url',
        target:
          'https://git.example.org/ada/models/blob/main/greenroom/train.yaml',
      },
    },
    may: EXPERIMENT_READERS,
  },
  {
    route: 'GET /ai-training/templates/:template',
    params: TEMPLATE,
    may: EXPERIMENT_READERS,
  },
  {
    route: 'POST /ai-training/templates/:template/refresh',
    params: TEMPLATE,
    may: OWNERS,
  },
  {
    route: 'GET /ai-training/jobs',
    may: EXPERIMENT_READERS,
    seesNothing: [...NOT_READERS, 'ci'],
  },
  {
    route: 'POST /ai-training/jobs',
    body: TEMPLATE,
    may: OWNERS,
  },
  ...['', '/events', '/log', '/source'].map(
    (below): Question => ({
      route: `GET /ai-training/jobs/:job${below}`,
      may: EXPERIMENT_READERS,
    }),
  ),
  ...['cancel', 'retry'].map(
    (act): Question => ({
      route: `POST /ai-training/jobs/:job/${act}`,
      may: OWNERS,
    }),
  ),
  {
    route: 'POST /ai-training/jobs/:job/trainer-status',
    body: { trainerStatus: { progressPercentage: 1 } },
    may: OWNERS,
  },
  ...[
    { act: 'GET', below: '' },
    { act: 'POST', below: '', body: TEMPLATE },
    { act: 'GET', below: '/:job' },
    { act: 'GET', below: '/:job/log' },
    { act: 'POST', below: '/:job/cancel' },
    { act: 'POST', below: '/:job/retry' },
  ].map(
    ({ act, below, body }): Question => ({
      route: `${act} /ai-training/edge/environments/:environment/jobs${below}`,
      params: { environment: 'production' },
      headers: {
        'X-Greenroom-Key-Id': 'c0ffee',
        'X-Greenroom-Key-Owner': 'group:default/vision',
      },
      body,
      may: ['dataPlane', 'plugin'],
    }),
  ),
  {
    route: 'GET /ai-training/models/:model/versions/:version/conversion',
    params: VERSION,
    may: READERS,
  },
  {
    route: 'POST /ai-training/models/:model/versions/:version/conversion',
    params: VERSION,
    body: {},
    may: OWNERS,
  },
  {
    route: 'GET /ai-training/retrainings',
    may: EXPERIMENT_READERS,
  },
  ...['pause', 'resume', 'start'].map(
    (act): Question => ({
      route: `POST /ai-training/retrainings/:environment/:model/${act}`,
      params: IN_PRODUCTION,
      body: {},
      may: OWNERS,
    }),
  ),
  { route: 'GET /ai-training/runs/:run/job', may: EXPERIMENT_READERS },
  { route: 'GET /ai-training/flavor-use', may: EXPERIMENT_READERS },
  {
    route: 'GET /ai-training/costs',
    may: EXPERIMENT_READERS,
    seesNothing: [...NOT_READERS, 'ci'],
  },
  {
    route: 'DELETE /ai-training/templates/:template',
    params: TEMPLATE,
    may: OWNERS,
  },
  { route: 'GET /ai-training/runs/:run', may: EXPERIMENT_READERS },
  {
    route: 'GET /ai-training/runs/:run/datasets',
    may: EXPERIMENT_READERS,
  },
  {
    route: 'GET /ai-training/dataset-uses',
    query: {
      dataset: 'rows',
      version: '1',
      digests: `sha256:${'1'.repeat(64)}`,
    },
    may: EXPERIMENT_READERS,
    seesNothing: [...NOT_READERS, 'ci'],
  },
  {
    route: 'GET /ai-training/runs/:run/logged-models',
    may: EXPERIMENT_READERS,
  },
  {
    route: 'POST /ai-training/metric-series',
    body: ({ trainingRunId }) => ({ runs: [trainingRunId], keys: ['loss'] }),
    may: EXPERIMENT_READERS,
  },
];

export const MATRIX: Question[] = [
  ...documents,
  ...registry,
  ...inference,
  ...monitoring,
  ...training,
];
