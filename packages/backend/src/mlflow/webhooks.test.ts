import { TestDatabases } from '@backstage/backend-test-utils';
import { runScript } from './__testUtils__/runScript';

jest.setTimeout(300_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** What the script prints. */
interface Seen {
  received: { entity: string; action: string; data: object }[];
  [what: string]: unknown;
}

describe("MLflow's client and its web hooks", () => {
  it('manages them, and receives what MLflow would send, with signatures that MLflow makes', async () => {
    const { received, ...seen } = await runScript<Seen>(databases, {
      script: 'webhooks.py',
      role: 'admin',
    });
    expect(seen).toEqual({
      created: [
        'ci',
        true,
        [
          'registered_model.created',
          'model_version.created',
          'model_version_tag.set',
          'model_version_tag.deleted',
          'model_version_alias.created',
          'model_version_alias.deleted',
        ],
        'ACTIVE',
      ],
      got: 'Ours',
      listed: true,
      tested: [true, 200, 'thanks'],
      'tested other': true,
      tests: [
        expect.objectContaining({
          genuine: true,
          entity: 'registered_model',
          data: {
            name: 'example_model',
            tags: { example_key: 'example_value' },
            description: 'An example registered model',
          },
        }),
        expect.objectContaining({
          genuine: true,
          entity: 'model_version_alias',
        }),
      ],
      changed: ['renamed', 'DISABLED', ['model_version.created']],
      gone: 'RESOURCE_DOES_NOT_EXIST',
      'wrong name': 'INVALID_PARAMETER_VALUE',
      'wrong address': 'INVALID_PARAMETER_VALUE',
      prompt: 'INVALID_PARAMETER_VALUE',
    });
    const timestamp = expect.stringMatching(/^2\d{3}-.*\+00:00$/);
    const told = (entity: string, action: string, data: object) => ({
      genuine: true,
      entity,
      action,
      timestamp,
      data: { name: 'Iris model', ...data },
    });
    expect(received).toEqual([
      told('model_version', 'created', {
        version: '1',
        source: expect.stringMatching(/^runs:\/[0-9a-f]{32}\/model$/),
        run_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        tags: { a: '1' },
        description: null,
      }),
      told('model_version_alias', 'created', {
        alias: 'champion',
        version: '1',
      }),
      told('model_version_alias', 'deleted', { alias: 'champion' }),
      told('model_version_tag', 'deleted', { version: '1', key: 'b' }),
      told('model_version_tag', 'set', {
        version: '1',
        key: 'b',
        value: '2',
      }),
      told('registered_model', 'created', {
        tags: { team: 'x' },
        description: 'Irises',
      }),
    ]);
  });
});
