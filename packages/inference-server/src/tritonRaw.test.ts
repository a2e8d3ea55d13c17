import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { RemoteEcho, UPSTREAMS } from './testing/remoteEcho';
import { runPython } from './testing/runPython';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(120_000);

const KEY = 'gr_some';
const MODELS = ['bf16', 'bytes'].flatMap(datatype =>
  UPSTREAMS.map(upstream => `${datatype}-${upstream}`),
);
const inBinary = expect.stringContaining('ask for');

let server: TestServer;
let upstreams: RemoteEcho;

beforeEach(async () => {
  upstreams = new RemoteEcho();
  await upstreams.start();
  server = await TestServer.create();
});
afterEach(async () => {
  await server.close();
  await upstreams.stop();
});

it('carries BF16 and bytes that are no text to the bit for the clients of Triton, or refuses them', async () => {
  server.controlPlane.snapshot = snapshotOf(
    MODELS.map(name => {
      const [datatype, upstream] = name.split('-');
      const of = datatype.toUpperCase() as 'BF16' | 'BYTES';
      return routeOf(name, [
        upstreams.add(server.controlPlane, of, upstream as 'rest'),
      ]);
    }),
    [keyOf(KEY, ['*'])],
  );
  await server.start({ GREENROOM_GRPC_PORT: '0' });
  const said = await runPython('triton_raw.py', [
    new URL(server.url).host,
    String(server.grpcAddress),
    KEY,
    ...MODELS,
  ]);
  const needsBinary = expect.stringContaining(
    'is BF16, for which JSON has no form, and the endpoint takes JSON alone',
  );
  const needsText = expect.stringContaining(
    'element 0 is bytes that are no UTF-8, for which JSON has no text, and the endpoint takes JSON',
  );
  const refused = (message: unknown) => ({
    http: [expect.stringMatching('400|502'), message],
    grpc: [expect.stringMatching('INVALID_ARGUMENT|UNAVAILABLE'), message],
    json: [expect.stringMatching('400|502'), message],
  });
  expect(said).toEqual({
    'bf16-rest': { http: true, grpc: true, json: ['400', inBinary] },
    'bf16-grpc': { http: true, grpc: true, json: ['400', inBinary] },
    'bf16-json': refused(needsBinary),
    'bytes-rest': { http: true, grpc: true, json: ['422', inBinary] },
    'bytes-grpc': { http: true, grpc: true, json: ['422', inBinary] },
    'bytes-json': refused(needsText),
  });
  // What a server gives back says nothing of how it came to it.
  const bits = Buffer.from('803f0080807f0100c07fabff', 'hex');
  expect(upstreams.echo.blobs.filter(blob => blob.equals(bits))).toHaveLength(
    6,
  );
  expect(upstreams.json.blobs).toEqual([]);
});
