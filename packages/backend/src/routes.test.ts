import { TestDatabases } from '@backstage/backend-test-utils';
import request from 'supertest';
import { listRoutes } from './__testUtils__/listRoutes';
import { type Existing, MATRIX, type Question } from './__testUtils__/matrix';
import { headerOf, type Role, ROLES } from './__testUtils__/roles';
import { startBackend } from './__testUtils__/startBackend';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const PLUGINS = ['ai-registry', 'ai-inference', 'ai-monitoring'];

describe('who may call which route', () => {
  let backend: Awaited<ReturnType<typeof startBackend>>;
  let existing: Existing;

  beforeAll(async () => {
    backend = await startBackend(databases);
    existing = await backend.existing();
  });
  afterAll(() => backend?.stop());

  it('is decided in the matrix for every route that Express has', () => {
    const routes = PLUGINS.flatMap(id => listRoutes(backend.server, id));
    const asked = [...new Set(MATRIX.map(({ route }) => route))];
    expect(routes.length).toBeGreaterThan(40);
    expect(asked.sort()).toEqual(routes.sort());
  });

  it.each(PLUGINS)(
    'is decided for every path in the OpenAPI document of %s',
    async pluginId => {
      const header = headerOf('admin', pluginId);
      const { body } = await request(backend.server)
        .get(`/api/${pluginId}/openapi.json`)
        .set('Authorization', String(header));
      const documented = Object.entries<object>(body.paths).flatMap(
        ([path, methods]) =>
          Object.keys(methods)
            .filter(method => METHODS.includes(method.toUpperCase()))
            .map(method => `${method.toUpperCase()} /${pluginId}${path}`),
      );
      const asked = MATRIX.map(({ route }) =>
        route.replaceAll(/:(\w+)/g, '{$1}'),
      );
      expect(asked).toEqual(expect.arrayContaining(documented));
    },
  );

  it.each(MATRIX.map(question => [nameOf(question), question] as const))(
    '%s',
    async (_name, question) => {
      const expected = Object.fromEntries(
        ROLES.map(role => [role, expectationFor(role, question)]),
      );
      const outcomes: Record<string, string> = {};
      for (const role of ROLES) outcomes[role] = await ask(role, question);
      expect(outcomes).toEqual(expected);
    },
  );

  async function ask(role: Role, question: Question): Promise<string> {
    const { route, query = {} } = question;
    const body =
      typeof question.body === 'function'
        ? question.body(existing)
        : question.body;
    const [method, path] = route.split(' ');
    const pluginId = path.split('/')[1];
    const url = `/api${fillIn(path, question, existing)}`;
    const call = request(backend.server)
      [method.toLowerCase() as 'get'](url)
      .query(query);
    const header = headerOf(role, pluginId);
    if (header) call.set('Authorization', header);
    if (Buffer.isBuffer(body)) call.type('application/octet-stream');
    const response = await call.send(body);
    switch (response.status) {
      case 401:
        return 'unknown';
      case 403:
        return 'refused';
      case 400:
        // A question that is refused for its form says nothing about permissions.
        return `malformed: ${response.body.error?.message}`;
      default:
        return question.seesNothing?.includes(role) &&
          response.body.items?.length === 0
          ? 'sees nothing'
          : 'may';
    }
  }
});

function nameOf({ route, about }: Question): string {
  return about ? `${route} (${about})` : route;
}

function expectationFor(role: Role, question: Question): string {
  if (role === 'anonymous') return 'unknown';
  if (question.may.includes(role)) return 'may';
  return question.seesNothing?.includes(role) ? 'sees nothing' : 'refused';
}

function fillIn(path: string, question: Question, existing: Existing): string {
  const ids: Record<string, string> = {
    promotions: existing.promotionId,
    rollouts: existing.rolloutId,
    keys: existing.keyId,
  };
  const values: Record<string, string> = {
    digest: existing.digest,
    id: ids[path.split('/')[2]],
    ...question.params,
  };
  return path.replaceAll(/:(\w+)/g, (_, name) => values[name]);
}
