// @ts-check
import protobuf from 'protobufjs';

export const IMAGE = [1, 3, 224, 224];
const VALUES = IMAGE.reduce((product, size) => product * size, 1);
const LEN = 2;
const VARINT = 0;

/** Fields of a protobuf message, one after the other: numbers as they are, texts and messages with their length. */
function message(...fields) {
  const writer = protobuf.Writer.create();
  for (const [number, value] of fields) {
    if (typeof value === 'number') {
      writer.uint32(number * 8 + VARINT).uint32(value);
    } else {
      writer.uint32(number * 8 + LEN);
      if (typeof value === 'string') writer.string(value);
      else writer.bytes(value);
    }
  }
  return writer.finish();
}

/** An ONNX value that has FP32 tensors of this shape; a text is a free dimension. */
function valueInfo(name, shape) {
  const dimensions = shape.map(size =>
    message(typeof size === 'number' ? [1, size] : [2, size]),
  );
  const tensor = message([1, 1], [2, message(...dimensions.map(d => [1, d]))]);
  return message([1, name], [2, message([1, tensor])]);
}

/**
 * A model that computes next to nothing of an image, the mean of each colour, so that what is measured is how the
 * image gets there.
 */
export function imageModel() {
  const INTS = 7;
  const axes = message([1, 'axes'], [8, 2], [8, 3], [20, INTS]);
  const keep = message([1, 'keepdims'], [3, 0], [20, 2]);
  const node = message(
    [1, 'image'],
    [2, 'means'],
    [4, 'ReduceMean'],
    [5, axes],
    [5, keep],
  );
  const graph = message(
    [1, node],
    [2, 'image'],
    [11, valueInfo('image', ['rows', ...IMAGE.slice(1)])],
    [12, valueInfo('means', ['rows', 3])],
  );
  const bytes = Buffer.from(
    message([1, 8], [7, graph], [8, message([1, ''], [2, 13])]),
  );
  return { model: 'image', bytes, signature: signatureOf('image', 'means') };
}

const signatureOf = (input, output) => ({
  inputs: [{ name: input, datatype: 'FP32', shape: [-1, ...IMAGE.slice(1)] }],
  outputs: [{ name: output, datatype: 'FP32', shape: [-1, 3] }],
});

/** Pixels from 0 to 255, as FP32 from 0 to 1. */
function pixels() {
  const data = new Float32Array(VALUES);
  for (let i = 0; i < VALUES; i++) data[i] = ((i * 7919) % 256) / 255;
  return data;
}

/** The same image as the protocol's clients write it, in JSON and as a binary tensor. */
export function imageBodies() {
  const data = pixels();
  const input = { name: 'image', datatype: 'FP32', shape: IMAGE };
  const raw = Buffer.from(data.buffer);
  const json = JSON.stringify({ inputs: [{ ...input, data: [...data] }] });
  const head = Buffer.from(
    JSON.stringify({
      inputs: [{ ...input, parameters: { binary_data_size: raw.length } }],
    }),
  );
  return { json, head, raw };
}
