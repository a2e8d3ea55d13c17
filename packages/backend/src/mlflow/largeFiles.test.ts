import { TestDatabases } from '@backstage/backend-test-utils';
import { runScript } from './__testUtils__/runScript';

jest.setTimeout(300_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe("MLflow's client and large files", () => {
  it('sends and fetches them whole, also where it was told to ask for parts', async () => {
    const seen = await runScript(databases, {
      script: 'large_files.py',
      role: 'owner',
    });
    expect(seen).toEqual({
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
        asked: ['PUT artifacts 200', 'GET presigned 501', 'GET artifacts 200'],
      },
      'by ranges': { statuses: [206, 206, 206, 206], same: true },
    });
  });
});
