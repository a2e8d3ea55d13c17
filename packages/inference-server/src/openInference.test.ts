import { gzipSync, deflateSync } from 'node:zlib';
import {
  keyOf,
  routeOf,
  SIGNATURES,
  snapshotOf,
  variantOf,
  type FixtureName,
} from './testing/fixtures';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

const ALL_MODELS = Object.keys(SIGNATURES) as FixtureName[];

const snapshot = snapshotOf(
  ALL_MODELS.map(name => routeOf(name, [variantOf(name)])),
  [keyOf('gr_all', ['*']), keyOf('gr_linear', ['linear-1'])],
);

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.create(snapshot);
  await server.start({ GREENROOM_MAX_BODY_BYTES: '4096' });
});

afterAll(() => server.close());

const x = (data: unknown, shape = [1, 3]) => ({
  name: 'x',
  datatype: 'FP32',
  shape,
  data,
});
const row = { inputs: [x([1, 2, 3])] };

describe('server', () => {
  it.each(['/v2', '/v2/'])('describes itself at %s', async path => {
    const { status, json } = await server.send(path);
    expect(status).toBe(200);
    expect(json).toEqual({
      name: 'greenroom',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: ['binary_tensor_data'],
    });
  });

  it('is live and ready without a key', async () => {
    expect((await server.send('/v2/health/live')).json).toEqual({ live: true });
    const ready = await server.send('/v2/health/ready');
    expect([ready.status, ready.json]).toEqual([200, { ready: true }]);
    expect(
      (await server.send('/v2/health/live', { method: 'HEAD' })).status,
    ).toBe(200);
  });

  it('lists the models that the key may call', async () => {
    const all = await server.send('/v2/models', { key: 'gr_all' });
    expect(all.json).toEqual({ models: [...ALL_MODELS].sort() });
    const some = await server.send('/v2/models', { key: 'gr_linear' });
    expect(some.json).toEqual({ models: ['linear-1'] });
    expect((await server.send('/v2/models')).status).toBe(401);
  });

  it.each([
    ['/v2/models/classifier', 200],
    ['/v2/models/classifier/versions/1', 200],
  ])('describes a model at %s', async (path, expected) => {
    const { status, json } = await server.send(path, { key: 'gr_all' });
    expect(status).toBe(expected);
    expect(json).toEqual({
      name: 'classifier',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      ...SIGNATURES.classifier,
      properties: { version: '1', digest: variantOf('classifier').digest },
    });
  });

  it('says whether a model is ready, without a key', async () => {
    for (const path of ['', '/versions/1']) {
      const { status, json } = await server.send(
        `/v2/models/classifier${path}/ready`,
      );
      expect([status, json]).toEqual([
        200,
        { name: 'classifier', ready: true },
      ]);
    }
    const unknown = await server.send('/v2/models/nothing/ready');
    expect([unknown.status, unknown.json]).toEqual([
      404,
      { error: 'unknown model "nothing"' },
    ]);
    const version = await server.send('/v2/models/classifier/versions/7/ready');
    expect(version.status).toBe(404);
  });

  it('refuses other methods and paths', async () => {
    const get = await server.send('/v2/models/simple/infer');
    expect([get.status, get.headers.allow, get.json]).toEqual([
      405,
      'POST',
      { error: 'method GET is not allowed here: expected POST' },
    ]);
    const put = await server.send('/v2', { method: 'PUT' });
    expect([put.status, put.headers.allow]).toEqual([405, 'GET, HEAD']);
    const unknown = await server.send('/v1/models');
    expect([unknown.status, unknown.json]).toEqual([
      404,
      {
        error:
          'unknown path "/v1/models": this server speaks the Open Inference Protocol v2, see GET /v2',
      },
    ]);
    expect((await server.send('/v2/models/%ff/ready')).status).toBe(404);
  });
});

describe('keys', () => {
  it('are taken from either header', async () => {
    const body = JSON.stringify(row);
    const path = '/v2/models/linear-1/infer';
    const spellings: Record<string, string>[] = [
      { authorization: 'Bearer gr_linear' },
      { authorization: 'bearer gr_linear' },
      { 'x-api-key': 'gr_linear' },
    ];
    for (const headers of spellings) {
      const answer = await server.send(path, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
    }
  });

  it.each([
    [{}, 'a key is needed'],
    [{ authorization: 'Basic Z3I6Z3I=' }, 'a key is needed'],
    [{ authorization: 'Bearer gr_wrong' }, 'the key is unknown or was revoked'],
    [{ 'x-api-key': 'gr_wrong' }, 'the key is unknown or was revoked'],
  ])('are asked for: %j', async (headers, message) => {
    const answer = await server.send('/v2/models/linear-1/infer', {
      method: 'POST',
      headers: { ...headers } as Record<string, string>,
      body: JSON.stringify(row),
    });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json.error).toContain(message);
    expect(answer.json.error).not.toContain('gr_wrong');
  });

  it('hold for their models only', async () => {
    const answer = await server.infer('simple', row, { key: 'gr_linear' });
    expect([answer.status, answer.json]).toEqual([
      403,
      { error: 'the key "name of gr_linear" may not call model "simple"' },
    ]);
  });
});

describe('infer', () => {
  it('answers like the first example of other model servers', async () => {
    const first = Array.from({ length: 16 }, (_, i) => i);
    const second = Array.from({ length: 16 }, () => 1);
    const { status, json } = await server.infer('simple', {
      id: 'the "first" – one',
      inputs: [
        { name: 'INPUT1', datatype: 'INT32', shape: [1, 16], data: second },
        { name: 'INPUT0', datatype: 'INT32', shape: [1, 16], data: [first] },
      ],
    });
    expect(status).toBe(200);
    expect(json).toEqual({
      model_name: 'simple',
      model_version: '1',
      id: 'the "first" – one',
      outputs: [
        {
          name: 'OUTPUT0',
          datatype: 'INT32',
          shape: [1, 16],
          data: first.map(value => value + 1),
        },
        {
          name: 'OUTPUT1',
          datatype: 'INT32',
          shape: [1, 16],
          data: first.map(value => value - 1),
        },
      ],
    });
  });

  it('takes nested and flat data, with and without a version', async () => {
    const flat = await server.infer('linear-1', {
      inputs: [x([1, 2, 3, 4, 5, 6], [2, 3])],
    });
    const nested = await server.infer(
      'linear-1',
      {
        inputs: [
          x(
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
            [2, 3],
          ),
        ],
      },
      { version: 1 },
    );
    expect(flat.json).toEqual({
      model_name: 'linear-1',
      model_version: '1',
      outputs: [
        { name: 'y', datatype: 'FP32', shape: [2, 1], data: [21.8, 55.1] },
      ],
    });
    expect(nested.json).toEqual(flat.json);
  });

  it('gives the outputs that were asked for, in their order', async () => {
    const inputs = [x([1, 4, 2, 3], [1, 4])];
    const one = await server.infer('classifier', {
      inputs,
      outputs: [{ name: 'label' }],
    });
    expect(one.json.outputs).toEqual([
      { name: 'label', datatype: 'INT64', shape: [1], data: [1] },
    ]);
    const both = await server.infer('classifier', {
      inputs,
      outputs: [{ name: 'probabilities' }, { name: 'label' }],
    });
    expect(both.json.outputs.map((o: { name: string }) => o.name)).toEqual([
      'probabilities',
      'label',
    ]);
  });

  it.each<[string, unknown[]]>([
    ['bool', [true, false]],
    ['uint8', [0, 255]],
    ['uint16', [0, 65535]],
    ['uint32', [0, 4294967295]],
    ['int8', [-128, 127]],
    ['int16', [-32768, 32767]],
    ['int32', [-2147483648, 2147483647]],
    ['int64', [-9007199254740991, 9007199254740991]],
    ['fp32', [0.1, -1e-20]],
    ['fp64', [0.1, 1.7976931348623157e308]],
    ['bytes', ['grün "1"', '']],
  ])('carries %s values unchanged', async (name, data) => {
    const datatype = name.toUpperCase();
    const inputs = [{ name: 'x', datatype, shape: [1, 2], data }];
    const { status, json } = await server.infer(`identity-${name}`, { inputs });
    expect([status, json.outputs]).toEqual([
      200,
      [{ name: 'y', datatype, shape: [1, 2], data }],
    ]);
  });

  it.each([
    ['int64', '-9223372036854775808,9223372036854775807'],
    ['uint64', '0,18446744073709551615'],
  ])('keeps long %s values exact', async (name, data) => {
    const body = `{"inputs":[{"name":"x","datatype":"${name.toUpperCase()}","shape":[1,2],"data":[${data}]}]}`;
    const { status, body: answer } = await server.infer(
      `identity-${name}`,
      body,
    );
    expect(status).toBe(200);
    expect(String(answer)).toContain(`"data":[${data}]`);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('reads %s bodies', async (encoding, compress) => {
    const { status, json } = await server.infer(
      'linear-1',
      compress(JSON.stringify(row)),
      { headers: { 'content-encoding': encoding } },
    );
    expect([status, json.outputs[0].data]).toEqual([200, [21.8]]);
  });

  it('does not run rows together that influence each other', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4].map(value =>
        server.infer('centred', { inputs: [x([value, value, value])] }),
      ),
    );
    for (const { json } of answers) {
      expect(json.outputs[0].data).toEqual([0, 0, 0]);
    }
  });

  it('leaves first dimensions alone that are no rows', async () => {
    const { status, json } = await server.infer('scores', {
      inputs: [
        { ...x([1, 2], [1, 2]), name: 'queries' },
        { ...x([1, 0, 0, 1, 1, 1], [3, 2]), name: 'documents' },
      ],
    });
    expect(status).toBe(200);
    expect(json.outputs[0]).toEqual({
      name: 'score',
      datatype: 'FP32',
      shape: [1, 3],
      data: [1, 2, 3],
    });
  });

  it('runs requests of different widths side by side', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 2, 1].map(width =>
        server.infer('widths', {
          inputs: [x(new Array(width).fill(1), [1, width])],
        }),
      ),
    );
    expect(answers.map(({ json }) => json.outputs[0].data)).toEqual([
      [1],
      [2],
      [3],
      [2],
      [1],
    ]);
  });
});

describe('refusals', () => {
  const cases: [string, string, unknown, number, string][] = [
    [
      'linear-1',
      'unknown input',
      { inputs: [{ ...x([1, 2, 3]), name: 'z' }] },
      400,
      'unknown input "z": the model takes "x"',
    ],
    [
      'linear-1',
      'missing input',
      { inputs: [] },
      400,
      'missing input "x": expected FP32 [-1,3]',
    ],
    [
      'linear-1',
      'input twice',
      { inputs: [x([1, 2, 3]), x([1, 2, 3])] },
      400,
      'input "x" is given twice',
    ],
    [
      'linear-1',
      'no inputs',
      {},
      400,
      '"inputs" is missing: expected an array of tensors',
    ],
    [
      'linear-1',
      'no name',
      { inputs: [{}] },
      400,
      '"inputs" entry 0 has no "name": expected an object with name, datatype, shape and data',
    ],
    [
      'linear-1',
      'no datatype',
      { inputs: [{ name: 'x', shape: [1, 3], data: [] }] },
      400,
      'input "x": "datatype" is missing, expected FP32',
    ],
    [
      'linear-1',
      'wrong datatype',
      { inputs: [{ ...x([1, 2, 3]), datatype: 'FP64' }] },
      400,
      'input "x": datatype FP64, expected FP32',
    ],
    [
      'linear-1',
      'no shape',
      { inputs: [{ name: 'x', datatype: 'FP32', data: [] }] },
      400,
      'input "x": "shape" is missing, expected an array of sizes',
    ],
    [
      'linear-1',
      'strange shape',
      { inputs: [x([1, 2, 3], [-1, 3])] },
      400,
      'input "x": "shape" is [-1,3], expected an array of sizes',
    ],
    [
      'linear-1',
      'wrong shape',
      { inputs: [x([1, 2, 3, 4], [1, 4])] },
      400,
      'input "x": shape [1,4], expected [-1,3] (-1: any size from 1)',
    ],
    [
      'linear-1',
      'wrong rank',
      { inputs: [x([1, 2, 3], [3])] },
      400,
      'input "x": shape [3], expected [-1,3] (-1: any size from 1)',
    ],
    [
      'linear-1',
      'no rows',
      { inputs: [x([], [0, 3])] },
      400,
      'input "x": shape [0,3], expected [-1,3] (-1: any size from 1)',
    ],
    [
      'linear-1',
      'wrong length',
      { inputs: [x([1, 2])] },
      400,
      'input "x": 2 values in "data", expected 3 for shape [1,3]',
    ],
    [
      'linear-1',
      'huge shape',
      { inputs: [x([[]], [1e15, 3])] },
      400,
      'input "x": nested "data" has an array of 1 at depth 1, expected arrays of 1000000000000000 there for shape [1000000000000000,3]; flat row-major data is accepted too',
    ],
    [
      'linear-1',
      'ragged data',
      {
        inputs: [
          x(
            [
              [1, 2, 3],
              [1, 2],
            ],
            [2, 3],
          ),
        ],
      },
      400,
      'input "x": nested "data" has an array of 2 at depth 2, expected arrays of 3 there for shape [2,3]; flat row-major data is accepted too',
    ],
    [
      'linear-1',
      'half nested data',
      { inputs: [x([[1, 2, 3], 4], [2, 3])] },
      400,
      'input "x": nested "data" has 4 at depth 2, expected arrays of 3 there for shape [2,3]; flat row-major data is accepted too',
    ],
    [
      'linear-1',
      'missing data',
      { inputs: [x(undefined)] },
      400,
      'input "x": "data" is missing, expected an array of values',
    ],
    [
      'linear-1',
      'null entry',
      { inputs: [x([1, null, 3])] },
      400,
      'input "x": element 1 of "data" is null, expected a finite number (FP32)',
    ],
    [
      'linear-1',
      'text entry',
      { inputs: [x([1, 2, '3'])] },
      400,
      'input "x": element 2 of "data" is "3", expected a finite number (FP32)',
    ],
    [
      'linear-1',
      'array entry',
      { inputs: [x([1, 2, []])] },
      400,
      'input "x": element 2 of "data" is an array, expected a finite number (FP32)',
    ],
    [
      'linear-1',
      'too large for FP32',
      { inputs: [x([1, 2, 1e39])] },
      400,
      'input "x": element 2 of "data" is 1e+39, expected a finite number (FP32)',
    ],
    [
      'identity-int8',
      'too large for INT8',
      {
        inputs: [
          { name: 'x', datatype: 'INT8', shape: [1, 2], data: [1, 128] },
        ],
      },
      400,
      'input "x": element 1 of "data" is 128, expected an integer from -128 to 127 (INT8)',
    ],
    [
      'identity-int64',
      'fraction',
      {
        inputs: [
          { name: 'x', datatype: 'INT64', shape: [1, 2], data: [1, 1.5] },
        ],
      },
      400,
      'input "x": element 1 of "data" is 1.5, expected an integer from -9223372036854775808 to 9223372036854775807 (INT64)',
    ],
    [
      'identity-uint64',
      'negative',
      {
        inputs: [
          { name: 'x', datatype: 'UINT64', shape: [1, 2], data: [1, -1] },
        ],
      },
      400,
      'input "x": element 1 of "data" is -1, expected an integer from 0 to 18446744073709551615 (UINT64)',
    ],
    [
      'identity-bool',
      'no boolean',
      {
        inputs: [
          { name: 'x', datatype: 'BOOL', shape: [1, 2], data: [true, 'no'] },
        ],
      },
      400,
      'input "x": element 1 of "data" is "no", expected true or false (BOOL)',
    ],
    [
      'identity-bytes',
      'no string',
      {
        inputs: [
          { name: 'x', datatype: 'BYTES', shape: [1, 2], data: ['a', 1] },
        ],
      },
      400,
      'input "x": element 1 of "data" is 1, expected a string (BYTES)',
    ],
    [
      'identity-fp16',
      'FP16 in JSON',
      {
        inputs: [{ name: 'x', datatype: 'FP16', shape: [1, 2], data: [1, 1] }],
      },
      400,
      'input "x": FP16 cannot be written in JSON, expected binary data ("binary_data_size")',
    ],
    [
      'pair',
      'rows differ',
      {
        inputs: [
          { ...x([1, 2], [1, 2]), name: 'left' },
          { ...x([1, 2, 3, 4], [2, 2]), name: 'right' },
        ],
      },
      400,
      'input "right": 2 rows, expected 1 as in input "left"',
    ],
    [
      'linear-1',
      'unknown output',
      { ...row, outputs: [{ name: 'z' }] },
      400,
      'unknown output "z": the model gives "y"',
    ],
    [
      'linear-1',
      'output twice',
      { ...row, outputs: [{ name: 'y' }, { name: 'y' }] },
      400,
      'output "y" is asked for twice',
    ],
    [
      'linear-1',
      'outputs no array',
      { ...row, outputs: {} },
      400,
      '"outputs" is no array: expected [{"name": ...}, ...]',
    ],
    [
      'linear-1',
      'output without name',
      { ...row, outputs: ['y'] },
      400,
      '"outputs" entry 0 has no "name"',
    ],
    [
      'linear-1',
      'id no string',
      { ...row, id: 7 },
      400,
      '"id" is 7, expected a string',
    ],
    [
      'linear-1',
      'binary without header',
      { inputs: [{ ...x(undefined), parameters: { binary_data_size: 12 } }] },
      400,
      'input "x": "binary_data_size" needs the header Inference-Header-Content-Length',
    ],
    [
      'linear-1',
      'empty body',
      '',
      400,
      'the body is empty: expected a JSON object with "inputs"',
    ],
    [
      'linear-1',
      'array body',
      '[]',
      400,
      'the body is no JSON object: expected one with "inputs"',
    ],
    [
      'linear-1',
      'broken JSON',
      '{"inputs": [\n  {"name": "x",}]}',
      400,
      'the body is not JSON: unexpected "}" at position 28 (line 2, column 16)',
    ],
    [
      'linear-1',
      'NaN',
      '{"inputs":[{"data":[NaN]}]}',
      400,
      'the body is not JSON: unexpected "N" at position 20 (line 1, column 21)',
    ],
    [
      'linear-1',
      'body cut off',
      '{"inputs":[',
      400,
      'the body is not JSON: unexpected the end at position 11 (line 1, column 12)',
    ],
    [
      'linear-1',
      'body too large',
      JSON.stringify({ inputs: [x(new Array(3000).fill(1), [1000, 3])] }),
      413,
      'the body is larger than 4096 bytes, which is the most that this server takes',
    ],
  ];

  it.each(cases)('%s: %s', async (model, _what, body, status, error) => {
    const answer = await server.infer(model, body as string);
    expect([answer.status, answer.json]).toEqual([status, { error }]);
  });

  it('names the models that the key may call', async () => {
    const some = await server.infer('nothing', row, { key: 'gr_linear' });
    expect(some.status).toBe(403);
    const { status, json } = await server.infer('nothing', row);
    expect(status).toBe(404);
    expect(json.error).toBe(
      `unknown model "nothing": your key may call ${[...ALL_MODELS]
        .sort()
        .map(name => `"${name}"`)
        .join(', ')}`,
    );
  });

  it.each(['9', '0', 'latest', '1.0'])('knows no version %s', async version => {
    const { status, json } = await server.infer('linear-1', row, { version });
    expect([status, json]).toEqual([
      404,
      {
        error: `unknown version "${version}" of model "linear-1": deployed here: 1`,
      },
    ]);
  });

  it('reports what the model itself refuses', async () => {
    const inputs = [
      { name: 'index', datatype: 'INT64', shape: [1], data: [9] },
    ];
    const { status, json } = await server.infer('lookup', { inputs });
    expect(status).toBe(500);
    expect(json.error).toMatch(/^the model failed on this input: .*out of/i);
  });

  it('refuses encodings it does not know, and data that are not what they say', async () => {
    const headers = (encoding: string) => ({
      headers: { 'content-encoding': encoding },
    });
    const unknown = await server.infer('linear-1', row, headers('br'));
    expect([unknown.status, unknown.json]).toEqual([
      415,
      {
        error:
          'Content-Encoding "br" is not supported: expected gzip or deflate',
      },
    ]);
    const broken = await server.infer('linear-1', row, headers('gzip'));
    expect([broken.status, broken.json]).toEqual([
      400,
      { error: 'the body is not valid gzip data' },
    ]);
    const bomb = gzipSync(Buffer.alloc(100_000, ' '));
    const large = await server.infer('linear-1', bomb, headers('gzip'));
    expect(large.status).toBe(413);
  });

  it('stays usable on the same connection after a refusal', async () => {
    const large = JSON.stringify({ inputs: [x(new Array(50_000).fill(1))] });
    expect((await server.infer('linear-1', large)).status).toBe(413);
    expect((await server.infer('linear-1', row)).status).toBe(200);
  });
});
