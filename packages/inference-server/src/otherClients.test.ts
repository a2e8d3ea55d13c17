import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { linesOfPython, runPython } from './testing/runPython';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(120_000);

const KEY = 'gr_some';
const MODELS = [
  'simple',
  'identity-fp16',
  'identity-int64',
  'identity-uint64',
  'identity-bool',
  'identity-bytes',
] as const;

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.create(
    snapshotOf(
      MODELS.map(name => routeOf(name, [variantOf(name)])),
      [keyOf(KEY, [...MODELS])],
    ),
  );
  await server.start({ GREENROOM_GRPC_PORT: '0' });
});
afterEach(() => server.close());

it('is called by the clients of KServe, unmodified', async () => {
  const said = await runPython('kserve_client.py', [
    server.url,
    String(server.grpcAddress),
    KEY,
  ]);
  expect(said).toEqual({
    http: {
      up: [true, true, true, false],
      json: ['simple', 'seven', 2],
      binary: ['simple', 'seven', 2],
      'one output': ['simple', 'seven', 1],
      FP16: true,
      INT64: true,
      UINT64: true,
      BOOL: true,
      BYTES: true,
      refused: [
        expect.stringContaining('may not call model "nobody"'),
        expect.stringContaining('the key is unknown'),
      ],
    },
    grpc: {
      up: [true, true, true],
      raw: ['simple', 'seven', 2],
      contents: ['simple', 'seven', 2],
      refused: ['PERMISSION_DENIED', 'UNAUTHENTICATED'],
    },
  });
});

it("says how it is and what it speaks to gRPC's own tools, until it stops", async () => {
  const lines = linesOfPython('grpc_itself.py', [
    String(server.grpcAddress),
    KEY,
  ]);
  const next = async () => (await lines.next()).value;
  expect(await next()).toEqual({
    health: {
      '': 'SERVING',
      'inference.GRPCInferenceService': 'SERVING',
      x: ['NOT_FOUND', expect.stringContaining('there is no service "x"')],
    },
    services: [
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'inference.GRPCInferenceService',
    ],
    methods: 20,
    unknown: 'refused',
    answer: ['seven', ['OUTPUT0', 'OUTPUT1'], [1, 0, 0, 0, 2, 0, 0, 0]],
  });
  expect(await next()).toEqual({ watched: 'SERVING' });
  // A stream that stays would hold up the stop until its deadline.
  const stopped = server.stop();
  expect(await next()).toEqual({ watched: 'NOT_SERVING' });
  expect(await next()).toEqual({ watched: 'END' });
  await stopped;
});
