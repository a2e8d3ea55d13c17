// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InferenceSession } from 'onnxruntime-node';

const ROWS = 64;
const DATATYPES = { float32: 'FP32', float64: 'FP64', int64: 'INT64' };
const root = name => fileURLToPath(new URL(`../../${name}`, import.meta.url));

const specs = metadata =>
  metadata
    .filter(tensor => tensor.isTensor)
    .map(({ name, type, shape }) => ({
      name,
      datatype: DATATYPES[type],
      shape: shape.map(size => (typeof size === 'number' ? size : -1)),
    }));

/** A small generator with a seed, so that each run sends the same rows. */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function load(model, value) {
  const demo = root(`examples/${model}/models/v2.onnx`);
  const file = existsSync(demo)
    ? demo
    : root(`packages/inference-server/fixtures/bench-${model}.onnx`);
  const session = await InferenceSession.create(file);
  const signature = {
    inputs: specs(session.inputMetadata),
    outputs: specs(session.outputMetadata),
  };
  await session.release();
  const [input] = signature.inputs;
  const shape = [1, ...input.shape.slice(1)];
  const length = shape.reduce((product, size) => product * size, 1);
  const random = createRandom(1);
  const bodies = Array.from({ length: ROWS }, () =>
    JSON.stringify({
      inputs: [
        {
          name: input.name,
          datatype: input.datatype,
          shape,
          data: Array.from({ length }, () => value(random)),
        },
      ],
    }),
  );
  const schema = {
    task: signature.outputs.length > 1 ? 'classification' : 'regression',
    features: Array.from({ length }, (_, index) => ({
      name: `f${index}`,
      tensor: input.name,
      index,
    })),
    prediction: { tensor: signature.outputs[0].name },
  };
  return { model, file, bytes: readFileSync(file), signature, schema, bodies };
}

/** The two demo models with rows of their size and kind; stand-ins where they are not there. */
export async function loadModels() {
  return [
    // Grey values from 0 to 16, half of them paper.
    await load('digits', random =>
      random() < 0.5 ? 0 : Math.floor(random() * 17),
    ),
    // Measurements with three decimals.
    await load('diabetes', random => Math.round(random() * 3e5) / 1e3),
  ];
}
