import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(120_000);

const FIXTURES = join(dirname(require.resolve('../package.json')), 'fixtures');
const KEY = 'gr_limited';

it("tells Triton's clients of a key's limit, and those that try again when they may", async () => {
  // `npm test` makes it, and leaves these tests out where it cannot.
  const python = process.env.GREENROOM_TEST_PYTHON;
  if (!python) throw new Error('run this test by npm test -- jest');
  const requestLimits = { requestsPerSecond: 1, mode: 'hard' as const };
  const server = await TestServer.create(
    snapshotOf(
      [routeOf('simple', [variantOf('simple')])],
      [keyOf(KEY, ['*'], { requestLimits, scopes: [] })],
    ),
  );
  server.controlPlane.receipt = { dataPlanes: 1 };
  await server.start({ GREENROOM_GRPC_PORT: '0' });
  try {
    await waitFor(() => server.controlPlane.reports.length > 1);
    const { stdout } = await promisify(execFile)(
      python,
      [
        join(FIXTURES, 'triton_limits.py'),
        new URL(server.url).host,
        String(server.grpcAddress),
        KEY,
      ],
      { timeout: 100_000 },
    );
    const reached = expect.stringContaining('is reached: 1 requests a second');
    expect(JSON.parse(stdout)).toEqual({
      http: ['429', reached],
      grpc: ['StatusCode.RESOURCE_EXHAUSTED', reached],
      version: [
        'StatusCode.PERMISSION_DENIED',
        expect.stringContaining('needs its scope "versions"'),
      ],
      waited: true,
    });
  } finally {
    await server.close();
  }
});
