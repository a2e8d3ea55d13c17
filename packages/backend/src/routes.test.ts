import { TestDatabases } from '@backstage/backend-test-utils';
import request from 'supertest';
import { listRoutes } from './__testUtils__/listRoutes';
import { ask, expectationFor, nameOf } from './__testUtils__/ask';
import { type Existing, MATRIX } from './__testUtils__/matrix';
import { headerOf, ROLES } from './__testUtils__/roles';
import { startBackend } from './__testUtils__/startBackend';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const PLUGINS = ['ai-registry', 'ai-inference', 'ai-monitoring', 'ai-training'];
/** They have the protocol's own answers and are asked in the plugin's own tests. */
const OF_MLFLOW =
  /^\w+ \/ai-training\/(?:$|api\/|get-artifact$|health$|version$)/;

describe('who may call which route', () => {
  let backend: Awaited<ReturnType<typeof startBackend>>;
  let existing: Existing;

  beforeAll(async () => {
    backend = await startBackend(databases);
    existing = await backend.existing();
  });
  afterAll(() => backend?.stop());

  it('is decided in the matrix for every route that Express has', () => {
    const routes = PLUGINS.flatMap(id => listRoutes(backend.server, id)).filter(
      route => !OF_MLFLOW.test(route),
    );
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
      for (const role of ROLES)
        outcomes[role] = await ask(backend, existing, { role, question });
      expect(outcomes).toEqual(expected);
    },
  );
});
