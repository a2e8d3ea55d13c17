import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import expected from '../fixtures/real/expected.json';
import { elementCount, type Tensor } from './domain/tensor';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { inferBinary } from './testing/inferBinary';
import { TestServer } from './testing/startTestServer';
import { zooVariant } from './testing/zoo';

jest.setTimeout(120_000);

/** Relative; absolute for what is smaller than 1. */
const TOLERANCE = 1e-6;
/** Of a sum of many, whose last digits add up. */
const SUM_TOLERANCE = 1e-5;
const SAMPLE_RATE = 16_000n;

type Name = keyof typeof expected;
const NAMES = Object.keys(expected) as Name[];

/** Thousandths between -1 and 1, by a linear congruential generator that starts at 1. */
function made(length: number): Float32Array {
  const values = new Float32Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (((state >>> 8) % 2001) - 1000) / 1000;
  }
  return values;
}

function readModel(name: Name) {
  // `npm test` fetches them, and leaves these tests out where it cannot.
  const folder = process.env.GREENROOM_TEST_REAL_MODELS;
  if (!folder) throw new Error('run this test by npm test -- jest');
  const { signature, inputs } = expected[name];
  return {
    name,
    bytes: readFileSync(join(folder, `${name}.onnx`)),
    signature: signature as Parameters<typeof zooVariant>[0]['signature'],
    outputs: [],
    hasRows: false,
    inputs: inputs.map(({ name: input, datatype, shape }): Tensor => {
      const data =
        datatype === 'INT64'
          ? BigInt64Array.of(SAMPLE_RATE)
          : made(elementCount(shape));
      return { name: input, datatype: datatype as 'FP32', shape, data };
    }),
  };
}

let server: TestServer;
const models = NAMES.map(readModel);

beforeAll(async () => {
  server = await TestServer.create(
    snapshotOf(
      models.map(model => routeOf(model.name, [zooVariant(model)])),
      [keyOf('gr_all', ['*'])],
    ),
  );
  for (const { bytes } of models) server.controlPlane.addArtifact(bytes);
  await server.start();
});
afterAll(() => server.close());

const near = (value: number, tolerance: number) =>
  Math.max(1, Math.abs(value)) * tolerance;

it.each(models.map(model => [model.name, model] as const))(
  '%s answers as in Python',
  async (name, { inputs }) => {
    const outputs = await inferBinary(server, name, inputs);
    const { outputs: wanted } = expected[name];
    expect(outputs.map(one => ({ name: one.name, shape: one.shape }))).toEqual(
      wanted.map(one => ({ name: one.name, shape: one.shape })),
    );
    outputs.forEach(({ data }, i) => {
      const values = Array.from(data as Float32Array);
      const { first, sum } = wanted[i];
      const wrong = first.filter(
        (value, at) =>
          !(Math.abs(values[at] - value) <= near(value, TOLERANCE)),
      );
      expect(wrong).toEqual([]);
      const total = values.reduce((all, value) => all + value, 0);
      expect(Math.abs(total - sum)).toBeLessThanOrEqual(
        near(sum, SUM_TOLERANCE),
      );
    });
  },
);
