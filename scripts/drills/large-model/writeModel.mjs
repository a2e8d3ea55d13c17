// @ts-check
import { closeSync, openSync, writeSync } from 'node:fs';

/** As ONNX and protobuf number them. */
const FLOAT = 1;
const [VARINT, BYTES] = [0, 2];
const IR_VERSION = 9;
const OPSET = 17;
const BYTES_PER_FLOAT = 4;

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128);
  }
  return Buffer.from([...bytes, rest]);
}

const tag = (field, type) => varint(field * 8 + type);
const number = (field, value) =>
  Buffer.concat([tag(field, VARINT), varint(value)]);
const bytes = (field, content) =>
  Buffer.concat([
    tag(field, BYTES),
    varint(content.length),
    Buffer.from(content),
  ]);

function valueInfo(name, width) {
  const shape = Buffer.concat([
    bytes(1, bytes(2, 'rows')),
    bytes(1, number(1, width)),
  ]);
  const tensor = Buffer.concat([number(1, FLOAT), bytes(2, shape)]);
  return Buffer.concat([bytes(1, name), bytes(2, bytes(1, tensor))]);
}

/**
 * Writes an ONNX model of square matrices that a row is multiplied with, one after the other.
 *
 * @param {string} file
 * @param {{ width: number, layers: number }} size - of `width * width * layers` weights
 * @returns its signature
 */
export function writeModel(file, { width, layers }) {
  const weights = Buffer.alloc(width * width * BYTES_PER_FLOAT);
  for (let i = 0; i < width * width; i++) {
    weights.writeFloatLE(((i % 97) - 48) / (48 * width), i * BYTES_PER_FLOAT);
  }
  const before = [];
  const heads = [];
  for (let layer = 0; layer < layers; layer++) {
    const [from, to] = [layer === 0 ? 'x' : `h${layer}`, `h${layer + 1}`];
    const output = layer === layers - 1 ? 'y' : to;
    const node = [
      bytes(1, from),
      bytes(1, `w${layer}`),
      bytes(2, output),
      bytes(4, 'MatMul'),
    ];
    before.push(bytes(1, Buffer.concat(node)));
    const dims = [number(1, width), number(1, width)];
    const head = Buffer.concat([
      ...dims,
      number(2, FLOAT),
      bytes(8, `w${layer}`),
      tag(9, BYTES),
      varint(weights.length),
    ]);
    heads.push(
      Buffer.concat([
        tag(5, BYTES),
        varint(head.length + weights.length),
        head,
      ]),
    );
  }
  const after = [
    bytes(2, 'large'),
    bytes(11, valueInfo('x', width)),
    bytes(12, valueInfo('y', width)),
  ];
  const sizeOf = parts => parts.reduce((sum, part) => sum + part.length, 0);
  const graphBytes =
    sizeOf([...before, ...heads, ...after]) + layers * weights.length;
  const opset = bytes(8, number(2, OPSET));
  const handle = openSync(file, 'w');
  const write = part => {
    for (let at = 0; at < part.length; ) at += writeSync(handle, part, at);
  };
  [number(1, IR_VERSION), opset, tag(7, BYTES), varint(graphBytes)].forEach(
    write,
  );
  before.forEach(write);
  for (const head of heads) {
    write(head);
    write(weights);
  }
  after.forEach(write);
  closeSync(handle);
  const tensor = name => ({ name, datatype: 'FP32', shape: [-1, width] });
  return { inputs: [tensor('x')], outputs: [tensor('y')] };
}
