import { TestDatabases } from '@backstage/backend-test-utils';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { headerOf } from '../__testUtils__/roles';
import { startBackend } from '../__testUtils__/startBackend';

jest.setTimeout(300_000);

const SCRIPT = path.join(__dirname, 'python/webhooks.py');
const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** What the script prints. */
interface Seen {
  received: { entity: string; action: string; data: object }[];
  [what: string]: unknown;
}

describe("MLflow's client and its web hooks", () => {
  it('manages them, and receives what MLflow would send, with signatures that MLflow makes', async () => {
    // `npm test` makes it, and leaves this test out where it cannot.
    const python = process.env.GREENROOM_TEST_MLFLOW;
    if (!python) throw new Error('run this test by npm test -- jest');
    const backend = await startBackend(databases);
    const folder = await mkdtemp(path.join(tmpdir(), 'mlflow-'));
    try {
      const { stdout } = await promisify(execFile)(python, [SCRIPT], {
        cwd: folder,
        env: {
          ...process.env,
          MLFLOW_TRACKING_URI: `http://127.0.0.1:${backend.server.port()}/api/ai-training/mlflow`,
          MLFLOW_TRACKING_TOKEN: headerOf('admin', 'ai-training')!.replace(
            'Bearer ',
            '',
          ),
        },
        timeout: 240_000,
      });
      const { received, ...seen }: Seen = JSON.parse(
        stdout.trim().split('\n').at(-1)!,
      );
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
    } finally {
      await backend.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
