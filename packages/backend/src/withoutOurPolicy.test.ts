import { createBackendModule } from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { ask, expectationFor, nameOf } from './__testUtils__/ask';
import { type Existing, MATRIX } from './__testUtils__/matrix';
import type { Role } from './__testUtils__/roles';
import { startBackend } from './__testUtils__/startBackend';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** As a new app has it. */
const allowAll = createBackendModule({
  pluginId: 'permission',
  moduleId: 'allow-all',
  register(reg) {
    reg.registerInit({
      deps: { policy: policyExtensionPoint },
      async init({ policy }) {
        policy.setPolicy({
          handle: async () => ({ result: AuthorizeResult.ALLOW }),
        });
      },
    });
  },
});

const PEOPLE: Role[] = ['user', 'owner', 'reviewer', 'admin'];
/** A policy decides about people; what programs may do stands in the scopes of their tokens. */
const PROGRAMS_AND_NOBODY: Role[] = [
  'anonymous',
  'dataPlane',
  'otherDataPlane',
  'ci',
  'plainToken',
];

describe.each([
  ['with a policy that allows everything', { policy: allowAll }],
  ['with permissions disabled', { permissionsEnabled: false }],
])('%s', (_name, options) => {
  let backend: Awaited<ReturnType<typeof startBackend>>;
  let existing: Existing;

  beforeAll(async () => {
    backend = await startBackend(databases, options);
    existing = await backend.existing();
  });
  afterAll(() => backend?.stop());

  it('programs may what the scopes of their tokens say, and nobody may anything without one', async () => {
    for (const question of MATRIX) {
      const outcomes: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (const role of PROGRAMS_AND_NOBODY) {
        outcomes[role] = await ask(backend, existing, { role, question });
        expected[role] = expectationFor(role, question);
      }
      expect({ question: nameOf(question), outcomes }).toEqual({
        question: nameOf(question),
        outcomes: expected,
      });
    }
  });

  it('people do not pass for data planes', async () => {
    const questions = MATRIX.filter(({ may }) => may.includes('plugin')).filter(
      ({ may }) => !PEOPLE.some(role => may.includes(role)),
    );
    expect(questions.length).toBeGreaterThanOrEqual(8);
    for (const question of questions) {
      for (const role of PEOPLE) {
        expect([
          nameOf(question),
          role,
          await ask(backend, existing, { role, question }),
        ]).toEqual([nameOf(question), role, 'refused']);
      }
    }
  });

  it('nobody approves what they asked for', async () => {
    const question = MATRIX.find(({ route }) =>
      route.endsWith('/promotions/:id/approve'),
    )!;
    expect(await ask(backend, existing, { role: 'owner', question })).toBe(
      'refused',
    );
  });
});
