import { TestDatabases } from '@backstage/backend-test-utils';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { headerOf } from '../__testUtils__/roles';
import { startBackend } from '../__testUtils__/startBackend';

jest.setTimeout(300_000);

const SCRIPT = path.join(__dirname, 'python/large_files.py');
const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe("MLflow's client and large files", () => {
  it('sends and fetches them whole, also where it was told to ask for parts', async () => {
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
          MLFLOW_TRACKING_TOKEN: headerOf('owner', 'ai-training')!.replace(
            'Bearer ',
            '',
          ),
        },
        timeout: 240_000,
      });
      expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toEqual({
        'by itself': {
          same: true,
          sizes: [1_000_000],
          asked: ['PUT artifacts 200', 'GET artifacts 200'],
        },
        'in parts': {
          same: true,
          sizes: [1_000_001],
          asked: [
            'POST mpu/create 501',
            'PUT artifacts 200',
            'GET presigned 501',
            'GET artifacts 200',
          ],
        },
        small: {
          same: true,
          sizes: [99_999],
          asked: [
            'PUT artifacts 200',
            'GET presigned 501',
            'GET artifacts 200',
          ],
        },
        'by ranges': { statuses: [206, 206, 206, 206], same: true },
      });
    } finally {
      await backend.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
