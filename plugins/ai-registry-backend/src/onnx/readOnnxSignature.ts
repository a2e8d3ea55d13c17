import { InputError } from '@backstage/errors';
import type {
  Datatype,
  ModelFile,
  Signature,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import {
  checkExternalData,
  ELEMENTS,
  isBytes,
  isVarint,
  makeServable,
  OnnxFileError,
  ProtobufReader,
  type RandomAccessBytes,
  readExternalData,
  type Span,
} from '@greenroom/onnx-file';

/** What can be learned from an ONNX file without its weights. */
export interface OnnxDescription {
  signature: Signature;
  modelFile: ModelFile;
}

/** A declared input or output before it is known to be one that can be served. */
interface DeclaredValue {
  name: string;
  type?: Span;
}

interface DeclaredGraph {
  inputs: DeclaredValue[];
  outputs: DeclaredValue[];
  initializers: Set<string>;
}

const MAX_NAME_BYTES = 1024;
const MAX_TENSORS = 1024;
const MAX_RANK = 32;

/** `TensorProto.DataType` of the ONNX format. */
const DATATYPE_BY_ELEMENT_TYPE = new Map<number, Datatype>([
  [1, 'FP32'],
  [2, 'UINT8'],
  [3, 'INT8'],
  [4, 'UINT16'],
  [5, 'INT16'],
  [6, 'INT32'],
  [7, 'INT64'],
  [8, 'BYTES'],
  [9, 'BOOL'],
  [10, 'FP16'],
  [11, 'FP64'],
  [12, 'UINT32'],
  [13, 'UINT64'],
]);

/** What to do about the element types that callers have no way to send. */
const ADVICE_BY_ELEMENT_TYPE = new Map([
  [14, 'complex numbers: take real and imaginary parts as FP32'],
  [15, 'complex numbers: take real and imaginary parts as FP64'],
  [16, 'bfloat16: cast it to FP32 at the edge (model.float() in PyTorch)'],
  ...[17, 18, 19, 20, 24].map(
    type => [type, 'float8: cast it to FP32'] as const,
  ),
  [21, 'uint4: cast it to UINT8 at the edge, and keep it inside the model'],
  [22, 'int4: cast it to INT8 at the edge, and keep it inside the model'],
  [23, 'float4: cast it to FP32'],
  [25, 'uint2: cast it to UINT8 at the edge, and keep it inside the model'],
  [26, 'int2: cast it to INT8 at the edge, and keep it inside the model'],
]);

/** The files that came together with an ONNX file. */
export interface OnnxSurroundings {
  /** Of the ONNX file itself. */
  modelPath: string;
  files: readonly { path: string; sizeBytes: number }[];
}

const ALONE: OnnxSurroundings = { modelPath: '', files: [] };

/**
 * Reads the inputs and outputs that an ONNX file declares, without the weights.
 * Throws an InputError when it is no ONNX file, or one that cannot be served, or when it
 * wants weights of a file that did not come with it.
 */
export async function readOnnxSignature(
  source: RandomAccessBytes,
  surroundings: OnnxSurroundings = ALONE,
): Promise<OnnxDescription> {
  try {
    const { source: served, labels } = await makeServable(source);
    const description = await describeFile(served);
    for (const output of description.signature.outputs) {
      const known = labels.get(output.name);
      if (known) output.labels = known;
    }
    const external = await readExternalData(source);
    checkExternalData({ external, ...surroundings });
    return description;
  } catch (error) {
    // Backstage would say the cause's message a second time.
    throw error instanceof OnnxFileError
      ? new InputError(error.message)
      : error;
  }
}

async function describeFile(
  source: RandomAccessBytes,
): Promise<OnnxDescription> {
  const reader = new ProtobufReader(source);
  let irVersion = 0;
  let importsOperators = false;
  let opset: number | undefined;
  const producer: string[] = [];
  let graph: Span | undefined;
  for await (const field of reader.fields({
    start: 0,
    end: source.sizeBytes,
  })) {
    if (isVarint(field, 1)) {
      irVersion = field.value;
    } else if (isBytes(field, 2) || isBytes(field, 3)) {
      producer.push(await reader.text(field.span, MAX_NAME_BYTES));
    } else if (isBytes(field, 7)) {
      if (graph) throw notServable('It has more than one graph');
      graph = field.span;
    } else if (isBytes(field, 8)) {
      importsOperators = true;
      opset = (await readStandardOpset(reader, field.span)) ?? opset;
    }
  }
  if (!graph || irVersion < 1) {
    throw new InputError(
      'The artifact is not an ONNX file: it declares no graph. Export the model to ONNX and upload that file',
    );
  }
  if (!importsOperators) {
    throw notServable(
      'It does not say which operators it needs, or was cut off',
    );
  }
  return {
    signature: await readSignature(reader, graph),
    modelFile: {
      irVersion,
      opset,
      producer: producer.filter(Boolean).join(' ') || undefined,
    },
  };
}

async function readStandardOpset(
  reader: ProtobufReader,
  span: Span,
): Promise<number | undefined> {
  let domain = '';
  let version: number | undefined;
  for await (const field of reader.fields(span)) {
    if (isBytes(field, 1)) {
      domain = await reader.text(field.span, MAX_NAME_BYTES);
    } else if (isVarint(field, 2)) {
      version = field.value;
    }
  }
  return domain === '' || domain === 'ai.onnx' ? version : undefined;
}

async function readSignature(
  reader: ProtobufReader,
  span: Span,
): Promise<Signature> {
  const graph = await readGraph(reader, span);
  // Files of old format versions list the weights among the inputs.
  const inputs = graph.inputs.filter(
    ({ name }) => !graph.initializers.has(name),
  );
  return {
    inputs: await readTensors(reader, 'Input', inputs),
    outputs: await readTensors(reader, 'Output', graph.outputs),
  };
}

async function readGraph(
  reader: ProtobufReader,
  span: Span,
): Promise<DeclaredGraph> {
  const graph: DeclaredGraph = {
    inputs: [],
    outputs: [],
    initializers: new Set(),
  };
  for await (const field of reader.fields(span)) {
    if (isBytes(field, 5)) {
      graph.initializers.add(await readInitializerName(reader, field.span));
    } else if (isBytes(field, 11)) {
      graph.inputs.push(await readValue(reader, field.span));
    } else if (isBytes(field, 12)) {
      graph.outputs.push(await readValue(reader, field.span));
    } else if (isBytes(field, 15)) {
      for await (const part of reader.fields(field.span)) {
        if (isBytes(part, 1)) {
          graph.initializers.add(await readInitializerName(reader, part.span));
        }
      }
    }
  }
  return graph;
}

async function readInitializerName(
  reader: ProtobufReader,
  span: Span,
): Promise<string> {
  let name = '';
  for await (const field of reader.fields(span, ELEMENTS)) {
    if (isBytes(field, 8)) {
      name = await reader.text(field.span, MAX_NAME_BYTES);
    }
  }
  return name;
}

async function readValue(
  reader: ProtobufReader,
  span: Span,
): Promise<DeclaredValue> {
  const value: DeclaredValue = { name: '' };
  for await (const field of reader.fields(span)) {
    if (isBytes(field, 1)) {
      value.name = await reader.text(field.span, MAX_NAME_BYTES);
    } else if (isBytes(field, 2)) {
      value.type = field.span;
    }
  }
  return value;
}

async function readTensors(
  reader: ProtobufReader,
  side: 'Input' | 'Output',
  values: DeclaredValue[],
): Promise<TensorSpec[]> {
  if (values.length === 0 || values.length > MAX_TENSORS) {
    throw notServable(
      `It has ${
        values.length
      } ${side.toLowerCase()}s, where 1 to ${MAX_TENSORS} are expected`,
    );
  }
  const tensors: TensorSpec[] = [];
  const names = new Set<string>();
  for (const value of values) {
    if (value.name === '' || names.has(value.name)) {
      throw notServable(`${side} name '${value.name}' is empty or used twice`);
    }
    if (value.name === '__proto__') {
      throw notServable(
        `${side} name '__proto__' cannot be used: rename it in the export`,
      );
    }
    names.add(value.name);
    tensors.push(await readTensor(reader, `${side} '${value.name}'`, value));
  }
  return tensors;
}

async function readTensor(
  reader: ProtobufReader,
  label: string,
  value: DeclaredValue,
): Promise<TensorSpec> {
  let tensor: Span | undefined;
  for await (const field of value.type ? reader.fields(value.type) : []) {
    if (isBytes(field, 1)) tensor = field.span;
  }
  if (!tensor) {
    throw notServable(`${label} declares no tensor type`);
  }
  let elementType = 0;
  let shape: number[] | undefined;
  for await (const field of reader.fields(tensor)) {
    if (isVarint(field, 1)) {
      elementType = field.value;
    } else if (isBytes(field, 2)) {
      shape = await readShape(reader, label, field.span);
    }
  }
  const datatype = DATATYPE_BY_ELEMENT_TYPE.get(elementType);
  if (!datatype) {
    throw notServable(
      `${label} has the ONNX element type ${elementType}, which is not among those that can be sent: ${
        ADVICE_BY_ELEMENT_TYPE.get(elementType) ?? 'cast it to FP32'
      }`,
    );
  }
  if (!shape) {
    throw notServable(
      `${label} declares no shape: run onnx.shape_inference.infer_shapes before saving`,
    );
  }
  return { name: value.name, datatype, shape };
}

async function readShape(
  reader: ProtobufReader,
  label: string,
  span: Span,
): Promise<number[]> {
  const shape: number[] = [];
  for await (const dimension of reader.fields(span)) {
    if (!isBytes(dimension, 1)) continue;
    if (shape.length === MAX_RANK) {
      throw notServable(`${label} has more than ${MAX_RANK} dimensions`);
    }
    let size = -1;
    for await (const field of reader.fields(dimension.span)) {
      // Zero is a size: a part that is left empty. Only what has none is free.
      if (isVarint(field, 1) && field.value >= 0) size = field.value;
    }
    if (size > Number.MAX_SAFE_INTEGER) {
      throw notServable(`${label} has a dimension of impossible size`);
    }
    shape.push(size);
  }
  return shape;
}

function notServable(detail: string): InputError {
  return new InputError(`The ONNX file cannot be served: ${detail}`);
}
