import type { TestDatabases } from '@backstage/backend-test-utils';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { headerOf, type Role } from '../../__testUtils__/roles';
import { startBackend } from '../../__testUtils__/startBackend';

const SCRIPT_MILLIS = 240_000;

/**
 * Runs a program of MLflow's client against a backend of its own.
 *
 * @param script - name of a file in `python`
 * @returns the JSON of the last line that it prints
 */
export async function runScript<T>(
  databases: TestDatabases,
  { script, role }: { script: string; role: Role },
): Promise<T> {
  // `npm test` makes it, and leaves these tests out where it cannot.
  const python = process.env.GREENROOM_TEST_MLFLOW;
  if (!python) throw new Error('run this test by npm test -- jest');
  const backend = await startBackend(databases);
  const folder = await mkdtemp(path.join(tmpdir(), 'mlflow-'));
  try {
    const { stdout } = await promisify(execFile)(
      python,
      [path.join(__dirname, '../python', script)],
      {
        cwd: folder,
        env: {
          ...process.env,
          MLFLOW_TRACKING_URI: `http://127.0.0.1:${backend.server.port()}/api/ai-training/mlflow`,
          MLFLOW_TRACKING_TOKEN: headerOf(role, 'ai-training')!.replace(
            'Bearer ',
            '',
          ),
        },
        timeout: SCRIPT_MILLIS,
      },
    );
    return JSON.parse(stdout.trim().split('\n').at(-1)!);
  } finally {
    await backend.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
