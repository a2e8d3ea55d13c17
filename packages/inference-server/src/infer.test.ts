import { deflateSync, gzipSync } from 'node:zlib';
import { ALL_MODELS_SNAPSHOT, row, x } from './testing/allModels';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.create(ALL_MODELS_SNAPSHOT);
  await server.start({ GREENROOM_MAX_BODY_BYTES: '4096' });
});

afterAll(() => server.close());

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
    ['fp32', [-3.4028235e38, 3.4028235e38]],
    ['fp64', [0.1, 1.7976931348623157e308]],
    ['bytes', ['grün "1"', '']],
    ['bytes', ['\u2028 👩‍🔬', '\ufffd']],
  ])('carries %s values unchanged', async (name, data) => {
    const datatype = name.toUpperCase();
    const inputs = [{ name: 'x', datatype, shape: [1, 2], data }];
    const { status, json } = await server.infer(`identity-${name}`, { inputs });
    expect([status, json.outputs]).toEqual([
      200,
      [{ name: 'y', datatype, shape: [1, 2], data }],
    ]);
  });

  it.each(['fp32', 'fp64'])('keeps the sign of zero in %s', async name => {
    const data = '-0.0,0';
    const body = `{"inputs":[{"name":"x","datatype":"${name.toUpperCase()}","shape":[1,2],"data":[${data}]}]}`;
    const answer = await server.infer(`identity-${name}`, body);
    expect(String(answer.body)).toContain(`"data":[${data}]`);
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
