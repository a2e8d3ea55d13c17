import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Signature, Tensor } from '../../domain/tensor';
import { readZoo } from '../../testing/zoo';
import { OnnxRunner } from './OnnxRunner';

const FIXTURES = join(
  dirname(require.resolve('../../../package.json')),
  'fixtures',
);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-session-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function run(file: string, signature: Signature, inputs: Tensor[]) {
  const runner = await OnnxRunner.load({ file, signature });
  try {
    return await runner.run({ inputs, rows: inputs[0].shape[0] });
  } finally {
    await runner.release();
  }
}

it('rewrites a model whose weights lie in another file', async () => {
  const mlp = readZoo('exported').find(({ name }) => name === 'mlp');
  if (!mlp) throw new Error('the fixture is gone');
  const bundle = join(FIXTURES, 'zoo/mlp-bundle');
  const before = await readFile(join(bundle, 'model.onnx'));
  const outputs = await run(
    join(bundle, 'model.onnx'),
    mlp.signature,
    mlp.inputs,
  );
  expect(outputs).toEqual(mlp.outputs);
  expect(await readFile(join(bundle, 'model.onnx'))).toEqual(before);
  expect(await readdir(bundle)).toEqual(['model.onnx', 'weights.bin']);
});

// --- Files made by hand: `t` is what a ZipMap takes.

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

const number = (field: number, value: number) =>
  Buffer.concat([varint(field * 8), varint(value)]);
const message = (field: number, ...parts: Buffer[]) => {
  const content = Buffer.concat(parts);
  const head = [varint(field * 8 + 2), varint(content.length)];
  return Buffer.concat([...head, content]);
};
const text = (field: number, content: string) =>
  message(field, Buffer.from(content));

function zipMapModel(options: {
  features: number;
  classes: number;
  nodes: Buffer[];
  constants?: Buffer[];
}): Buffer {
  const { features, classes, nodes, constants = [] } = options;
  const labels = Array.from({ length: classes }, (_, i) => number(8, i));
  return Buffer.concat([
    number(1, 8),
    message(
      7,
      ...nodes,
      message(
        1,
        text(1, 't'),
        text(2, 'y'),
        text(4, 'ZipMap'),
        message(5, text(1, 'classlabels_int64s'), ...labels, number(20, 7)),
        text(7, 'ai.onnx.ml'),
      ),
      text(2, 'g'),
      ...constants,
      message(
        11,
        text(1, 'x'),
        message(
          2,
          message(
            1,
            number(1, 1),
            message(2, message(1), message(1, number(1, features))),
          ),
        ),
      ),
      message(
        12,
        text(1, 'y'),
        message(2, message(4, message(1, message(5, number(1, 7))))),
      ),
    ),
    message(8, number(2, 13)),
    message(8, text(1, 'ai.onnx.ml'), number(2, 1)),
  ]);
}

const node = (
  operator: string,
  inputs: string[],
  output: string,
  ...attributes: Buffer[][]
) =>
  message(
    1,
    ...inputs.map(name => text(1, name)),
    text(2, output),
    text(4, operator),
    ...attributes.map(attribute => message(5, ...attribute)),
  );

const signatureOf = (shape: number[], classes: number): Signature => ({
  inputs: [{ name: 'x', datatype: 'FP32', shape }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, classes] }],
});

it('leaves large weights in the file, from where the runtime takes them', async () => {
  const [features, classes] = [1024, 300];
  const weights = Float32Array.from(
    { length: features * classes },
    (_, i) => (i % 7) - 3,
  );
  const file = join(folder, 'large.onnx');
  await writeFile(
    file,
    zipMapModel({
      features,
      classes,
      nodes: [node('MatMul', ['x', 'w'], 't')],
      constants: [
        message(
          5,
          number(1, features),
          number(1, classes),
          number(2, 1),
          text(8, 'w'),
          message(9, Buffer.from(weights.buffer)),
        ),
      ],
    }),
  );
  const data = new Float32Array(features);
  data[1] = 2;
  const x: Tensor = { name: 'x', datatype: 'FP32', shape: [1, features], data };
  const [y] = await run(file, signatureOf([-1, features], classes), [x]);
  expect(y.shape).toEqual([1, classes]);
  expect(y.data).toEqual(
    weights.slice(classes, 2 * classes).map(value => 2 * value),
  );
});

it('refuses a table that is as wide as there are no classes, as a ZipMap does', async () => {
  const file = join(folder, 'wide.onnx');
  await writeFile(
    file,
    zipMapModel({
      features: 4,
      classes: 3,
      // Of unknown width until it runs.
      nodes: [
        node('NonZero', ['x'], 'n'),
        node('Cast', ['n'], 't', [text(1, 'to'), number(3, 1), number(20, 2)]),
      ],
    }),
  );
  const x: Tensor = {
    name: 'x',
    datatype: 'FP32',
    shape: [1, 4],
    data: Float32Array.of(1, 1, 0, 0),
  };
  await expect(run(file, signatureOf([-1, 4], 3), [x])).rejects.toThrow(
    'the model gives the output "y" of shape [2,2], where its file says [2,3]',
  );
});
