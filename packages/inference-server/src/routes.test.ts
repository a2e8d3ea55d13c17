import { METRICS_PATH } from './http/AdminServer';
import { knownPaths } from './http/parseTarget';
import { ALL_MODELS_SNAPSHOT, row } from './testing/allModels';
import { keyOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

/** Everybody who may come along, with the key that they show. */
const ROLES = {
  nobody: undefined,
  'a wrong key': 'gr_wrong',
  "another model's key": 'gr_other',
  "the model's key": 'gr_linear',
  'a key for all': 'gr_all',
};
type Role = keyof typeof ROLES;

/** Status by role, in the order of the roles. */
type Statuses = [number, number, number, number, number];

const PUBLIC: Statuses = [200, 200, 200, 200, 200];
const WITH_A_KEY: Statuses = [401, 401, 200, 200, 200];
const FOR_THE_MODEL: Statuses = [401, 401, 403, 200, 200];
/** The key is good, and the model takes tensors. */
const NO_LANGUAGE_MODEL: Statuses = [401, 401, 403, 404, 404];
/** The key is good, and the model says nothing of what its rows mean. */
const UNEXPLAINED: Statuses = [401, 401, 403, 400, 400];
/** The key is good, and the model takes no outcomes. */
const NO_OUTCOMES: Statuses = [401, 401, 403, 400, 400];
const NOT_HERE: Statuses = [404, 404, 404, 404, 404];

/** The key has no scope "load". */
const WITHOUT_SCOPE: Statuses = [401, 401, 403, 403, 403];

/** Whatever models the key is for. */
const NO_SCOPE_TO_TRAIN: Statuses = [401, 401, 403, 403, 403];

/** The port that callers reach. */
const CALLERS: Record<string, Statuses> = {
  '/v2': PUBLIC,
  '/v2/health/live': PUBLIC,
  '/v2/health/ready': PUBLIC,
  '/v2/models': WITH_A_KEY,
  '/v2/models/stats': WITH_A_KEY,
  '/v2/repository/index': WITH_A_KEY,
  '/v2/repository/models/:model/load': WITHOUT_SCOPE,
  '/v2/repository/models/:model/unload': WITHOUT_SCOPE,
  '/v2/feedback': NO_OUTCOMES,
  '/v1/models': WITH_A_KEY,
  '/v1/models/:model': NO_LANGUAGE_MODEL,
  '/v1/chat/completions': NO_LANGUAGE_MODEL,
  '/v1/completions': NO_LANGUAGE_MODEL,
  '/v1/embeddings': NO_LANGUAGE_MODEL,
  '/v1/responses': NO_LANGUAGE_MODEL,
  '/ai/models': WITH_A_KEY,
  '/ai/batch': WITH_A_KEY,
  '/ai/chat': NO_LANGUAGE_MODEL,
  '/ai/completions': NO_LANGUAGE_MODEL,
  '/ai/embeddings': NO_LANGUAGE_MODEL,
  '/ai/training/jobs': NO_SCOPE_TO_TRAIN,
  '/ai/training/jobs/:job': NO_SCOPE_TO_TRAIN,
  '/ai/training/jobs/:job/log': NO_SCOPE_TO_TRAIN,
  '/ai/training/jobs/:job/cancel': NO_SCOPE_TO_TRAIN,
  '/ai/training/jobs/:job/retry': NO_SCOPE_TO_TRAIN,
  '/v2/models/:model': FOR_THE_MODEL,
  '/v2/models/:model/config': FOR_THE_MODEL,
  '/v2/models/:model/stats': FOR_THE_MODEL,
  '/v2/models/:model/ready': FOR_THE_MODEL,
  '/v2/models/:model/infer': FOR_THE_MODEL,
  '/v2/models/:model/explain': UNEXPLAINED,
  '/v2/models/:model/versions/:version': FOR_THE_MODEL,
  '/v2/models/:model/versions/:version/config': FOR_THE_MODEL,
  '/v2/models/:model/versions/:version/stats': FOR_THE_MODEL,
  '/v2/models/:model/versions/:version/ready': FOR_THE_MODEL,
  '/v2/models/:model/versions/:version/infer': FOR_THE_MODEL,
  '/v2/models/:model/versions/:version/explain': UNEXPLAINED,
  [METRICS_PATH]: NOT_HERE,
};

/** What is sent to the paths that take something. */
const BODIES: [path: RegExp, body: object][] = [
  [/\/(infer|explain)$/, row],
  [/^\/v2\/repository\/(index|models\/.*)$/, {}],
  [
    /^\/v2\/feedback$/,
    { request_id: 'r', model: 'linear-1', name: 'bought', value: true },
  ],
  [
    /^\/ai\/batch$/,
    { calls: [{ path: '/v2/models/linear-1/infer', body: row }] },
  ],
  [/^\/v1\/responses$/, { model: 'linear-1', input: 'Hello' }],
  [
    /^\/(v1\/(chat\/completions|completions|embeddings)|ai\/(chat|completions|embeddings))$/,
    {
      model: 'linear-1',
      messages: [{ role: 'user', content: 'Hello' }],
      prompt: 'Hello',
      input: 'Hello',
    },
  ],
];

/** What the port for probes and metrics has; nothing else. */
const ON_ADMIN_PORT = ['/v2/health/live', '/v2/health/ready', METRICS_PATH];

describe('who may call which path of the data plane', () => {
  let server: TestServer;

  beforeAll(async () => {
    const other = keyOf('gr_other', ['classifier']);
    server = await TestServer.create({
      ...ALL_MODELS_SNAPSHOT,
      keys: [...ALL_MODELS_SNAPSHOT.keys, other],
    });
    await server.start();
  });
  afterAll(() => server.close());

  const statusOf = async (path: string, role: Role, url = server.url) => {
    const target = path
      .replace(':model', 'linear-1')
      .replace(':version', '1')
      .replace(':job', '7f4c0f0e-7a35-4c3e-9c9c-0a5c9c1d8f11');
    const body = BODIES.find(([pattern]) => pattern.test(path))?.[1];
    const { status } = await server.send(target, {
      url,
      key: ROLES[role],
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    return status;
  };
  const roles = Object.keys(ROLES) as Role[];

  it('is decided for every path that there is', () => {
    expect(Object.keys(CALLERS).sort()).toEqual(
      [...knownPaths(), METRICS_PATH].sort(),
    );
  });

  it.each(Object.entries(CALLERS))('%s', async (path, expected) => {
    const statuses = await Promise.all(roles.map(role => statusOf(path, role)));
    expect(statuses).toEqual(expected);
  });

  it.each(Object.keys(CALLERS))('%s on the port for probes', async path => {
    const status = await statusOf(path, 'a key for all', server.adminUrl);
    const isCall = BODIES.some(([pattern]) => pattern.test(path));
    const refused = isCall ? 405 : 404;
    expect(status).toBe(ON_ADMIN_PORT.includes(path) ? 200 : refused);
  });
});
