import { gzipSync } from 'node:zlib';
import { ALL_MODELS, ALL_MODELS_SNAPSHOT, row, x } from './testing/allModels';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.create(ALL_MODELS_SNAPSHOT);
  await server.start({ GREENROOM_MAX_BODY_BYTES: '4096' });
});

afterAll(() => server.close());

describe('refusals', () => {
  it.each<[body: unknown, error: string]>([
    [
      { inputs: [{ ...x([1, 2, 3]), name: 'z' }] },
      'unknown input "z": the model takes "x"',
    ],
    [{ inputs: [] }, 'missing input "x": expected FP32 [-1,3]'],
    [{ inputs: [x([1, 2, 3]), x([1, 2, 3])] }, 'input "x" is given twice'],
    [{}, '"inputs" is missing: expected an array of tensors'],
    [
      { inputs: [{}] },
      '"inputs" entry 0 has no "name": expected an object with name, datatype, shape and data',
    ],
    [
      { inputs: [{ name: 'x', shape: [1, 3], data: [] }] },
      'input "x": "datatype" is missing, expected FP32',
    ],
    [
      { inputs: [{ ...x([1, 2, 3]), datatype: 'FP64' }] },
      'input "x": datatype FP64, expected FP32',
    ],
    [
      { inputs: [{ name: 'x', datatype: 'FP32', data: [] }] },
      'input "x": "shape" is missing, expected an array of sizes',
    ],
    [
      { inputs: [x([1, 2, 3], [-1, 3])] },
      'input "x": "shape" is [-1,3], expected an array of sizes',
    ],
    [
      { inputs: [x([1, 2, 3, 4], [1, 4])] },
      'input "x": shape [1,4], expected [-1,3] (-1: any size from 1)',
    ],
    [
      { inputs: [x([1, 2, 3], [3])] },
      'input "x": shape [3], expected [-1,3] (-1: any size from 1)',
    ],
    [
      { inputs: [x([], [0, 3])] },
      'input "x": shape [0,3], expected [-1,3] (-1: any size from 1)',
    ],
    [
      { inputs: [x([1, 2])] },
      'input "x": 2 values in "data", expected 3 for shape [1,3]',
    ],
    [
      { inputs: [x([[]], [1e15, 3])] },
      'input "x": nested "data" has an array of 1 at depth 1, expected arrays of 1000000000000000 there for shape [1000000000000000,3]; flat row-major data is accepted too',
    ],
    [
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
      'input "x": nested "data" has an array of 2 at depth 2, expected arrays of 3 there for shape [2,3]; flat row-major data is accepted too',
    ],
    [
      { inputs: [x([[1, 2, 3], 4], [2, 3])] },
      'input "x": nested "data" has 4 at depth 2, expected arrays of 3 there for shape [2,3]; flat row-major data is accepted too',
    ],
    [
      { inputs: [x(undefined)] },
      'input "x": "data" is missing, expected an array of values',
    ],
    [
      { inputs: [x([1, null, 3])] },
      'input "x": element 1 of "data" is null, expected a finite number; NaN and infinities are sent as binary data (FP32)',
    ],
    [
      { inputs: [x([1, 2, '3'])] },
      'input "x": element 2 of "data" is "3", expected a finite number (FP32)',
    ],
    [
      { inputs: [x([1, 2, []])] },
      'input "x": element 2 of "data" is an array, expected a finite number (FP32)',
    ],
    [
      { inputs: [x([1, 2, 1e39])] },
      'input "x": element 2 of "data" is 1e+39, expected a finite number (FP32)',
    ],
    [
      { ...row, outputs: [{ name: 'z' }] },
      'unknown output "z": the model gives "y"',
    ],
    [
      { ...row, outputs: [{ name: 'y' }, { name: 'y' }] },
      'output "y" is asked for twice',
    ],
    [
      { ...row, outputs: {} },
      '"outputs" is no array: expected [{"name": ...}, ...]',
    ],
    [{ ...row, outputs: ['y'] }, '"outputs" entry 0 has no "name"'],
    [{ ...row, id: 7 }, '"id" is 7, expected a string'],
    [
      { inputs: [{ ...x(undefined), parameters: { binary_data_size: 12 } }] },
      'input "x": "binary_data_size" needs the header Inference-Header-Content-Length',
    ],
    [
      { ...row, parameters: { sequence_id: 7 } },
      'parameter "sequence_id" is not supported: this server knows "binary_data_output" and "timeout" there',
    ],
    [{ ...row, parameters: 7 }, '"parameters" is 7, expected an object'],
    [
      { ...row, parameters: { binary_data_output: 'yes' } },
      '"binary_data_output" is "yes", expected true or false',
    ],
    [
      {
        ...row,
        outputs: [{ name: 'y', parameters: { shared_memory_region: 'a' } }],
      },
      'output "y": parameter "shared_memory_region" is not supported: this server knows "binary_data" and "content_type" and "classification" there',
    ],
    [
      {
        inputs: [
          { ...x([1, 2, 3]), parameters: { shared_memory_region: 'r' } },
        ],
      },
      'input "x": parameter "shared_memory_region" is not supported: this server knows "binary_data_size" and "content_type" there',
    ],
    [
      { inputs: [{ ...x([1, 2, 3]), parameters: { content_type: 'base64' } }] },
      'input "x": "content_type" is "base64", expected "np" or "str"',
    ],
    ['', 'the body is empty: expected a JSON object with "inputs"'],
    ['[]', 'the body is no JSON object: expected one with "inputs"'],
    [
      '{"inputs": [\n  {"name": "x",}]}',
      'the body is not JSON: unexpected "}" at position 28 (line 2, column 16)',
    ],
    [
      '{"inputs":[{"data":[NaN]}]}',
      'the body is not JSON: unexpected "N" at position 20 (line 1, column 21)',
    ],
    [
      '{"inputs":[',
      'the body is not JSON: it ends too early, at position 11 (line 1, column 12)',
    ],
  ])('%j: %s', async (body, error) => {
    const answer = await server.infer('linear-1', body);
    expect([answer.status, answer.json]).toEqual([400, { error }]);
  });

  it.each<[datatype: string, data: unknown[], error: string]>([
    [
      'INT8',
      [1, 128],
      'input "x": element 1 of "data" is 128, expected an integer from -128 to 127 (INT8)',
    ],
    [
      'INT64',
      [1, 1.5],
      'input "x": element 1 of "data" is 1.5, expected an integer from -9223372036854775808 to 9223372036854775807 (INT64)',
    ],
    [
      'UINT64',
      [1, -1],
      'input "x": element 1 of "data" is -1, expected an integer from 0 to 18446744073709551615 (UINT64)',
    ],
    [
      'BOOL',
      [true, 'no'],
      'input "x": element 1 of "data" is "no", expected true or false (BOOL)',
    ],
    [
      'BYTES',
      ['a', 1],
      'input "x": element 1 of "data" is 1, expected a string (BYTES)',
    ],
    [
      'BYTES',
      ['a', 'b\0c'],
      'input "x": element 1 has a zero character, expected text without one (BYTES)',
    ],
    [
      'BYTES',
      ['a', '\ud800'],
      'input "x": element 1 has half a surrogate pair, expected text without one (BYTES)',
    ],
    [
      'FP16',
      [1, 1],
      'input "x": FP16 cannot be written in JSON, expected binary data ("binary_data_size")',
    ],
  ])('%s %j: %s', async (datatype, data, error) => {
    const answer = await server.infer(`identity-${datatype.toLowerCase()}`, {
      inputs: [{ name: 'x', datatype, shape: [1, 2], data }],
    });
    expect([answer.status, answer.json]).toEqual([400, { error }]);
  });

  it('wants the same rows of all inputs', async () => {
    const { status, json } = await server.infer('pair', {
      inputs: [
        { ...x([1, 2], [1, 2]), name: 'left' },
        { ...x([1, 2, 3, 4], [2, 2]), name: 'right' },
      ],
    });
    expect([status, json]).toEqual([
      400,
      {
        error:
          'input "right": shape [2,2], expected 1 at dimension 0 ("rows") as in input "left"',
      },
    ]);
  });

  it('refuses bodies that are too large', async () => {
    const { status, json } = await server.infer('linear-1', {
      inputs: [x(new Array(3000).fill(1), [1000, 3])],
    });
    expect([status, json]).toEqual([
      413,
      {
        error:
          'the body is larger than 4096 bytes, which is the most that this server takes',
      },
    ]);
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

  it('tells callers what the model itself refuses, and logs no error', async () => {
    const inputs = [
      { name: 'index', datatype: 'INT64', shape: [1], data: [9] },
    ];
    const { status, json } = await server.infer('lookup', { inputs });
    expect([status, json]).toEqual([
      422,
      {
        error:
          'the model refuses this input: Gather: indices element out of data bounds, idx=9 must be within the inclusive range [-4,3]',
      },
    ]);
    expect(server.logs.join()).not.toContain('an inference request failed');
  });

  it('refuses bodies that are no UTF-8', async () => {
    const body = Buffer.concat([
      Buffer.from('{"id":"'),
      Buffer.from([0xe4]),
      Buffer.from(`",${JSON.stringify(row).slice(1)}`),
    ]);
    const { status, json } = await server.infer('linear-1', body);
    expect([status, json]).toEqual([
      400,
      { error: 'the body is no UTF-8, which JSON is written in' },
    ]);
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
