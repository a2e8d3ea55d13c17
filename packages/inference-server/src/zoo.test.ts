import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { DATATYPE_FACTS } from './domain/datatypes';
import { fromHalf } from './domain/fromHalf';
import type { Tensor } from './domain/tensor';
import {
  definitionOfService,
  INFERENCE_SERVICE,
  typeOf,
} from './grpc/protocol';
import { toBinary } from './http/openInference/binaryTensors';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { fromBytes, inferBinary } from './testing/inferBinary';
import { TestServer } from './testing/startTestServer';
import { readZoo, rowOf, zooVariant, type ZooModel } from './testing/zoo';

jest.setTimeout(120_000);

const KEY = 'gr_all';
/** Relative; absolute for what is smaller than 1. */
const TOLERANCE = 1e-6;
const ZOO = ['exported', 'made', 'torch'].flatMap(readZoo);
const cases = ZOO.map(model => [model.name, model] as const);

let server: TestServer;
let grpc: Client;

beforeAll(async () => {
  const batching = { maxRows: 64, maxDelayMicros: 5_000 };
  server = await TestServer.create(
    snapshotOf(
      ZOO.map(model => routeOf(model.name, [zooVariant(model)], { batching })),
      [keyOf(KEY, ['*'])],
    ),
  );
  for (const { bytes } of ZOO) server.controlPlane.addArtifact(bytes);
  await server.start({ GREENROOM_GRPC_PORT: '0' });
  grpc = new Client(String(server.grpcAddress), credentials.createInsecure());
});

afterAll(async () => {
  grpc?.close();
  await server.close();
});

const isReal = ({ datatype }: Tensor) => datatype.startsWith('FP');

/** Numbers with a point as such, all else as texts that are exact. */
function elements(tensor: Tensor): (number | string)[] {
  const { datatype, data } = tensor;
  return Array.from(data as ArrayLike<number | bigint | string>, value => {
    if (datatype === 'FP16') return fromHalf(Number(value));
    return isReal(tensor) ? Number(value) : String(value);
  });
}

/** What of an answer is not as it was expected; nothing where all is. */
function differences(
  actual: readonly Tensor[],
  expected: readonly Tensor[],
): unknown[] {
  const kinds = (tensors: readonly Tensor[]) =>
    JSON.stringify(
      tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    );
  const [got, wanted] = [kinds(actual), kinds(expected)];
  if (got !== wanted) return [{ got, wanted }];
  return actual.flatMap((tensor, i) => {
    const values = elements(tensor);
    return elements(expected[i]).flatMap((value, at) => {
      const found = values[at];
      const isSame = isReal(tensor)
        ? isNear(Number(found), Number(value))
        : found === value;
      return isSame ? [] : [{ tensor: tensor.name, at, found, value }];
    });
  });
}

function isNear(a: number, b: number): boolean {
  const most = TOLERANCE * Math.max(1, Math.abs(b));
  return Object.is(a, b) || a === b || Math.abs(a - b) <= most;
}

// --- JSON: numbers as their digits, since those of 64 bits have more than a double holds.

function toJson(tensor: Tensor): string {
  const { name, datatype, shape } = tensor;
  const values = elements(tensor).map(value => {
    if (datatype === 'BYTES') return JSON.stringify(value);
    return datatype === 'BOOL' ? String(value === '1') : String(value);
  });
  const head = JSON.stringify({ name, datatype, shape });
  return `${head.slice(0, -1)},"data":[${values}]}`;
}

function fromJson(text: string): Tensor[] {
  const keepDigits = (_: string, value: unknown, at?: { source: string }) =>
    typeof value === 'number' ? at?.source : value;
  const { outputs } = JSON.parse(text, keepDigits) as {
    outputs: {
      name: string;
      datatype: Tensor['datatype'];
      shape: string[];
      data: string[];
    }[];
  };
  return outputs.map(({ name, datatype, shape, data }) => {
    const { create, kind } = DATATYPE_FACTS[datatype];
    if (kind === 'string') {
      return { name, datatype, shape: shape.map(Number), data };
    }
    const values = create(data.length);
    data.forEach((digits, at) => {
      values[at] = kind === 'bigint' ? BigInt(digits) : Number(digits);
    });
    return { name, datatype, shape: shape.map(Number), data: values };
  });
}

/** Halves, and what is no number, have no form in JSON. */
const hasJson = (tensors: readonly Tensor[]) =>
  tensors.every(
    tensor =>
      tensor.datatype !== 'FP16' &&
      (!isReal(tensor) || elements(tensor).every(Number.isFinite)),
  );

// --- gRPC.

function inferGrpc(
  model: string,
  inputs: readonly Tensor[],
): Promise<Tensor[]> {
  const request = typeOf('ModelInferRequest');
  const response = typeOf('ModelInferResponse');
  const metadata = new Metadata();
  metadata.set('x-api-key', KEY);
  const message = {
    model_name: model,
    inputs: inputs.map(({ name, datatype, shape }) => ({
      name,
      datatype,
      shape,
    })),
    raw_input_contents: inputs.map(toBinary),
  };
  return new Promise((resolve, reject) => {
    grpc.makeUnaryRequest(
      definitionOfService(INFERENCE_SERVICE).ModelInfer.path,
      (value: object) =>
        Buffer.from(request.encode(request.fromObject(value)).finish()),
      bytes => response.toObject(response.decode(bytes), { longs: Number }),
      message,
      metadata,
      (error, value) => {
        if (error) return reject(error);
        const { outputs, raw_output_contents: raw } = value as {
          outputs: (Omit<Tensor, 'data'> & { shape?: number[] })[];
          raw_output_contents: Buffer[];
        };
        return resolve(
          outputs.map(({ name, datatype, shape = [] }, i) => ({
            name,
            datatype,
            shape,
            data: fromBytes(datatype, Buffer.from(raw[i])),
          })),
        );
      },
    );
  });
}

it.each(cases)('%s says its signature', async (name, { signature }) => {
  const { json } = await server.send(`/v2/models/${name}`, { key: KEY });
  const bare = ({
    name: of,
    datatype,
    shape,
  }: Tensor | ZooModel['signature']['inputs'][0]) => ({
    name: of,
    datatype,
    shape,
  });
  expect(json).toMatchObject({
    inputs: signature.inputs.map(bare),
    outputs: signature.outputs.map(bare),
  });
  for (const { name: of, labels } of signature.outputs) {
    const said = json.properties[`labels.${of}`];
    expect(said && JSON.parse(said)).toEqual(labels);
  }
});

it.each(
  cases.filter(([, { inputs, outputs }]) => hasJson([...inputs, ...outputs])),
)('%s answers JSON as Python does', async (name, { inputs, outputs }) => {
  const body = `{"inputs":[${inputs.map(toJson)}]}`;
  const answer = await server.infer(name, Buffer.from(body));
  expect([answer.status, String(answer.body)]).toEqual([
    200,
    expect.anything(),
  ]);
  expect(differences(fromJson(String(answer.body)), outputs)).toEqual([]);
});

it.each(cases)(
  '%s answers binary tensors and gRPC as Python does',
  async (name, { inputs, outputs }) => {
    expect(
      differences(await inferBinary(server, name, inputs), outputs),
    ).toEqual([]);
    expect(differences(await inferGrpc(name, inputs), outputs)).toEqual([]);
  },
);

it.each(cases.filter(([, { hasRows }]) => hasRows))(
  '%s answers each row the same beside others',
  async (name, { inputs, outputs }) => {
    const rows = Array.from({ length: inputs[0].shape[0] }, (_, row) => row);
    await Promise.all(
      [...rows, ...rows].map(async row => {
        const single = rowOf(inputs, row);
        const expected = rowOf(outputs, row);
        if (!single || !expected) throw new Error('the fixture has no rows');
        expect(
          differences(await inferBinary(server, name, single), expected),
        ).toEqual([]);
      }),
    );
  },
);

it('has computed rows of several requests together', async () => {
  const metrics = await server.metrics();
  const together = ZOO.filter(({ name }) => {
    const of = (suffix: string) =>
      Number(
        new RegExp(
          `greenroom_batch_rows_${suffix}\\{model="${name}",version="1"\\} (\\d+)`,
        ).exec(metrics)?.[1] ?? 0,
      );
    return of('sum') > of('count');
  });
  expect(together.length).toBeGreaterThan(ZOO.length / 3);
});
