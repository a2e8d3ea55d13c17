import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { linesOfPython, runPython, runPythonText } from './testing/runPython';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(120_000);

const KEY = 'gr_some';
const PAGE = join(__dirname, '../../../docs/how-to/call-a-model.md');
const MODELS = [
  'simple',
  'identity-fp32',
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

/** The first example in Python below a heading, with a model of ours in the place of the demo's. */
function exampleOf(heading: string): string {
  const [, below] = readFileSync(PAGE, 'utf8').split(`\n## ${heading}\n`);
  const example = /```python\n([^]*?)```/.exec(below)?.[1];
  if (!example) throw new Error(`${heading} has no example in Python`);
  return example
    .replace(/localhost:7080/g, new URL(server.url).host)
    .replace(/"digits"/g, '"identity-fp32"')
    .replace(/"pixels"/g, '"x"')
    .replace(/1, 64/g, '1, 2')
    .replace(/"label"/g, '"y"');
}

it.each(['tritonclient', "KServe's client"])(
  'is called as the page shows it, again and again: %s',
  async heading => {
    const example = exampleOf(heading);
    const call = /^ *result = .*?headers=dict\(headers\).*?\)$/ms.exec(example);
    const twice = example.replace(String(call), `${call}\n${call}`);
    expect(twice).not.toBe(example);
    const said = await runPythonText(twice, { GREENROOM_KEY: KEY });
    expect(said).toMatch(/\[\[0\.,? 0\./);
  },
);
