import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { runPython } from './testing/runPython';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(120_000);

const KEY = 'gr_some';

/** A model on demand: unloaded, loaded, unloaded again and asked. */
const MEMORY = [
  ['UNAVAILABLE', 'unloaded'],
  ['READY', ''],
  'spare',
  ['READY', ''],
];

describe('the clients of Triton', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.create(
      snapshotOf(
        [
          routeOf('simple', [variantOf('simple')]),
          routeOf('classifier', [variantOf('classifier')]),
          routeOf('spare', [variantOf('simple')], { loading: 'on-demand' }),
          routeOf('hidden', [variantOf('linear-1')]),
        ],
        [
          keyOf(KEY, ['simple', 'classifier', 'spare'], {
            scopes: ['versions', 'load'],
          }),
        ],
      ),
    );
    await server.start({ GREENROOM_GRPC_PORT: '0' });
  });
  afterAll(() => server.close());

  it('call it by HTTP, unmodified', async () => {
    const said = await runPython('triton_http.py', [
      new URL(server.url).host,
      KEY,
    ]);
    expect(said).toEqual({
      up: [true, true, true, true],
      server: expect.arrayContaining(['binary_tensor_data', 'statistics']),
      metadata: { name: 'INPUT0', datatype: 'INT32', shape: [1, 16] },
      infer: Array(12).fill('simple'),
      async: Array(8).fill('simple'),
      asyncio: Array(8).fill('simple'),
      compressed: Array(4).fill(true),
      classes: [
        [['0'], expect.anything()],
        [['2'], expect.anything()],
      ],
      config: {
        name: 'classifier',
        backend: 'onnxruntime',
        max_batch_size: expect.any(Number),
        input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [4] }],
      },
      statistics: {
        name: 'simple',
        answered: 20,
        failed: 0,
        runs: 20,
        'adds up': true,
      },
      'all statistics': ['classifier', 'simple', 'spare'],
      index: [
        { name: 'classifier', version: '1', state: 'READY', reason: '' },
        { name: 'simple', version: '1', state: 'READY', reason: '' },
        { name: 'spare', version: '1', state: 'READY', reason: '' },
      ],
      memory: MEMORY,
      refused: {
        load: ['415', expect.stringContaining('Git')],
        unload: ['415', expect.stringContaining('Git')],
        config: ['415', expect.stringContaining('"config"')],
        dependents: ['415', expect.stringContaining('"unload_dependents"')],
        'shared memory': ['415', expect.stringContaining('shared memory')],
        cuda: ['415', expect.stringContaining('shared memory')],
        trace: ['415', expect.stringContaining('trace settings')],
        log: ['415', expect.stringContaining('log settings')],
        sequence: ['400', expect.stringContaining('sequence')],
        model: ['403', expect.stringContaining('may not call model "nobody"')],
        key: ['401', expect.stringContaining('a key is needed')],
      },
    });
  });

  it('call it by gRPC, unmodified', async () => {
    const said = await runPython('triton_grpc.py', [
      String(server.grpcAddress),
      KEY,
    ]);
    expect(said).toEqual({
      up: [true, true, true, true],
      server: expect.arrayContaining(['classification', 'statistics']),
      metadata: { name: 'INPUT0', datatype: 'INT32', shape: ['1', '16'] },
      infer: Array(5).fill('simple'),
      id: 'seven',
      async: Array(8).fill('simple'),
      asyncio: Array(8).fill('simple'),
      stream: [
        ...['0', '1', '2', '3'].map(id => [id, 'simple']),
        ['refused', expect.stringContaining('may not call model "nobody"')],
      ],
      classes: ['0', '2'],
      config: {
        name: 'classifier',
        backend: 'onnxruntime',
        input: [{ name: 'x', data_type: 'TYPE_FP32', dims: ['4'] }],
      },
      answered: expect.stringMatching(/^[0-9]+$/),
      index: [
        { name: 'classifier', version: '1', state: 'READY' },
        { name: 'simple', version: '1', state: 'READY' },
        { name: 'spare', version: '1', state: 'READY' },
      ],
      memory: MEMORY,
      refused: {
        unload: ['StatusCode.UNIMPLEMENTED', expect.stringContaining('Git')],
        config: [
          'StatusCode.UNIMPLEMENTED',
          expect.stringContaining('"config"'),
        ],
        dependents: [
          'StatusCode.UNIMPLEMENTED',
          expect.stringContaining('"unload_dependents"'),
        ],
        'shared memory': [
          'StatusCode.UNIMPLEMENTED',
          expect.stringContaining('shared memory'),
        ],
        trace: [
          'StatusCode.UNIMPLEMENTED',
          expect.stringContaining('trace settings'),
        ],
        log: [
          'StatusCode.UNIMPLEMENTED',
          expect.stringContaining('log settings'),
        ],
        load: ['StatusCode.UNIMPLEMENTED', expect.stringContaining('Git')],
        sequence: [
          'StatusCode.INVALID_ARGUMENT',
          expect.stringContaining('sequence'),
        ],
        model: [
          'StatusCode.PERMISSION_DENIED',
          expect.stringContaining('may not call model "nobody"'),
        ],
        key: [
          'StatusCode.UNAUTHENTICATED',
          expect.stringContaining('a key is needed'),
        ],
      },
    });
  });
});
