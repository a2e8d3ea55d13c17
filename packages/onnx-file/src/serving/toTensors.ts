import { OnnxFileError } from '../OnnxFileError';
import type { ProtobufReader } from '../ProtobufReader';
import { readClassLabels } from './classLabels';
import type { Encoded } from './encode';
import type { NodeOutline, ValueOutline } from './readOutline';
import { refuseValue } from './refuseValue';
import type { ValueType } from './types';
import { qualified, type Values } from './Values';
import { encodeNode, encodeOutput, encodeTensorType } from './write';

/** What takes the place of an output that is no tensor. */
export interface Replacement {
  /** The nodes that are no longer needed, the one that makes the output last. */
  removed: NodeOutline[];
  /** Nodes in the place of the last of them, `NodeProto` by `NodeProto`. */
  nodes: Encoded[];
  /** Outputs in the place of the one. */
  outputs: Encoded[];
  /** What is called how in the last dimension, by output. */
  labels: Map<string, string[]>;
  /** Names of the new outputs. */
  names: string[];
}

interface Origin {
  /** Makes what the output is. */
  node: NodeOutline;
  /** From it to the output. */
  chain: NodeOutline[];
}

const FLOAT = 1;
/** From here on, a tensor's elements can be cast by number. */
const FIRST_OPSET_WITH_CAST = 6;
const MAX_CHAIN = 64;
const MAX_ELEMENTS = 256;

/**
 * Finds tensors that say the same as an output that is none.
 *
 * @param opset - of the standard operators, as it will be
 * @throws OnnxFileError that says what to do where there are none for certain
 */
export async function toTensors(
  output: ValueOutline,
  from: { values: Values; reader: ProtobufReader; opset: number },
): Promise<Replacement> {
  const { values } = from;
  const origin = originOf(output.name, values);
  const operator = origin && qualified(origin.node);
  const { type } = output;
  if (origin && operator === 'ai.onnx.ml.ZipMap') {
    return fromZipMap(output, origin, from);
  }
  if (
    origin &&
    operator === 'SequenceConstruct' &&
    type?.kind === 'sequence' &&
    type.of?.kind === 'tensor'
  ) {
    return fromSequence(output, origin, {
      ...from,
      elementType: type.of.elementType,
      shape: type.of.shape,
    });
  }
  const whole = origin && wholeOf(type, origin.node);
  if (origin && whole) {
    const shape = (await values.shapeOf(whole.value)) ?? whole.shape;
    if (!shape) throw withoutShape(output);
    const io = { inputs: [whole.value], outputs: [output.name] };
    const { elementType } = whole;
    return {
      ...renaming(output, origin),
      nodes: [encodeNode('Identity', io)],
      outputs: [
        encodeOutput(output.name, encodeTensorType(elementType, shape)),
      ],
    };
  }
  throw refuseValue('output', output, operator);
}

/** The table of which a ZipMap makes one map a row. */
async function fromZipMap(
  output: ValueOutline,
  origin: Origin,
  { reader, opset }: { reader: ProtobufReader; opset: number },
): Promise<Replacement> {
  const classes = await readClassLabels(reader, origin.node);
  const [table] = origin.node.inputs;
  if (!classes || !table) {
    throw new OnnxFileError(
      `The ONNX file cannot be served: Output '${output.name}' is made by a ZipMap that names no classes: export it without, with options={id(model): {'zipmap': False}} in skl2onnx or zipmap=False in onnxmltools`,
    );
  }
  const io = { inputs: [table], outputs: [output.name] };
  const replacement = renaming(output, origin);
  if (classes.labels) replacement.labels.set(output.name, classes.labels);
  return {
    ...replacement,
    nodes: [
      // Some exporters give it doubles, which runtimes refuse; what it gives are floats.
      opset < FIRST_OPSET_WITH_CAST
        ? encodeNode('Identity', io)
        : encodeNode('Cast', io, { to: FLOAT }),
    ],
    outputs: [
      encodeOutput(output.name, encodeTensorType(FLOAT, [-1, classes.count])),
    ],
  };
}

/** The tensor that an optional is filled with for certain, or of which a sequence has each slice. */
function wholeOf(
  type: ValueType | undefined,
  node: NodeOutline,
): { value: string; elementType: number; shape?: number[] } | undefined {
  const [value, sizes = ''] = node.inputs;
  if (type?.kind !== 'optional' && type?.kind !== 'sequence') return undefined;
  if (!value || type.of?.kind !== 'tensor') return undefined;
  const { elementType, shape } = type.of;
  const operator = qualified(node);
  if (type.kind === 'optional') {
    return operator === 'Optional' ? { value, elementType, shape } : undefined;
  }
  return operator === 'SplitToSequence' && sizes === ''
    ? { value, elementType }
    : undefined;
}

/** A sequence that is put together of so many tensors: each becomes an output of its own. */
async function fromSequence(
  output: ValueOutline,
  origin: Origin,
  from: {
    values: Values;
    elementType: number;
    shape: number[] | undefined;
  },
): Promise<Replacement> {
  const { values, elementType } = from;
  const { inputs } = origin.node;
  if (inputs.length > MAX_ELEMENTS) {
    throw new OnnxFileError(
      `The ONNX file cannot be served: Output '${output.name}' is a sequence of ${inputs.length} tensors, where at most ${MAX_ELEMENTS} are expected: export one tensor, such as by torch.stack or Concat`,
    );
  }
  const replacement = renaming(output, origin);
  replacement.names = [];
  for (const [index, value] of inputs.entries()) {
    const shape = (await values.shapeOf(value)) ?? from.shape;
    if (!shape) throw withoutShape(output);
    const name = values.newName(`${output.name}_${index}`);
    const labels = (await values.classesOf(value))?.labels;
    if (labels) replacement.labels.set(name, labels);
    replacement.names.push(name);
    replacement.nodes.push(
      encodeNode('Identity', { inputs: [value], outputs: [name] }),
    );
    replacement.outputs.push(
      encodeOutput(name, encodeTensorType(elementType, shape)),
    );
  }
  return replacement;
}

function renaming(
  { name }: ValueOutline,
  { node, chain }: Origin,
): Replacement {
  return {
    removed: [node, ...chain],
    nodes: [],
    outputs: [],
    labels: new Map(),
    names: [name],
  };
}

/** What makes a value, behind the operators that only give it another name. */
function originOf(name: string, values: Values): Origin | undefined {
  const chain: NodeOutline[] = [];
  let node = values.producerOf(name);
  while (node && qualified(node) === 'Identity' && chain.length < MAX_CHAIN) {
    chain.unshift(node);
    node = values.producerOf(node.inputs[0]);
  }
  return node && { node, chain };
}

function withoutShape({ name }: ValueOutline): OnnxFileError {
  return new OnnxFileError(
    `The ONNX file cannot be served: Output '${name}' holds tensors whose shapes the file does not say: run onnx.shape_inference.infer_shapes before saving, or export each as an output of its own`,
  );
}
