import { OnnxFileError } from './OnnxFileError';
import {
  isBytes,
  isVarint,
  ProtobufReader,
  type RandomAccessBytes,
  type Span,
} from './ProtobufReader';

/** What an operator computes with, besides its inputs, as far as it is whole numbers or text. */
export interface OnnxAttribute {
  int?: number;
  ints?: number[];
  text?: string;
  tensor?: OnnxConstant;
  /** Whether the attribute holds a graph of its own, as those of loops do. */
  hasGraph: boolean;
}

/** One operator of a graph. */
export interface OnnxNode {
  operator: string;
  /** Empty for the standard operators. */
  domain: string;
  /** Names of values; empty for an optional input that is not there. */
  inputs: string[];
  outputs: string[];
  attributes: Map<string, OnnxAttribute>;
}

/** A tensor that is part of the file. */
export interface OnnxConstant {
  shape: number[];
  /** The elements of a small tensor of 32 or 64 bit integers; undefined for any other. */
  integers?: number[];
}

/** The operators of an ONNX file and how they hang together, without the weights. */
export interface OnnxGraph {
  /** In an order in which each comes after those whose values it takes. */
  nodes: OnnxNode[];
  constants: Map<string, OnnxConstant>;
  /** Names of the values that are given, the constants among them in old files. */
  inputs: string[];
  outputs: string[];
  /** Version of the standard operators. */
  opset: number;
  /** Whether the file defines operators of its own. */
  hasFunctions: boolean;
}

const MAX_TEXT_BYTES = 4096;
/** More elements are weights; sizes and axes have a few. */
const MAX_INTEGERS = 64;
/** Elements of a tensor that are no 32 or 64 bit integers. */
const OTHER_ELEMENTS = new Set([4, 6, 10, 11]);
const INT32 = 6;
const INT64 = 7;

/**
 * Reads the graph of an ONNX file.
 *
 * @throws OnnxFileError when the bytes are no ONNX file.
 */
export async function readOnnxGraph(
  source: RandomAccessBytes,
): Promise<OnnxGraph> {
  const reader = new ProtobufReader(source);
  const whole = { start: 0, end: source.sizeBytes };
  const graph: OnnxGraph = {
    nodes: [],
    constants: new Map(),
    inputs: [],
    outputs: [],
    opset: 0,
    hasFunctions: false,
  };
  let found = false;
  for await (const field of reader.fields(whole)) {
    if (isBytes(field, 7)) {
      found = true;
      await readGraph(reader, field.span, graph);
    } else if (isBytes(field, 8)) {
      graph.opset = Math.max(graph.opset, await readOpset(reader, field.span));
    } else if (isBytes(field, 25)) {
      graph.hasFunctions = true;
    }
  }
  if (!found) throw new OnnxFileError('The file declares no graph');
  return graph;
}

/** @returns 0 for the operators of another domain. */
async function readOpset(reader: ProtobufReader, span: Span): Promise<number> {
  let domain = '';
  let version = 0;
  for await (const field of reader.fields(span)) {
    if (isBytes(field, 1)) {
      domain = await reader.text(field.span, MAX_TEXT_BYTES);
    } else if (isVarint(field, 2)) version = field.value;
  }
  return domain === '' || domain === 'ai.onnx' ? version : 0;
}

async function readGraph(
  reader: ProtobufReader,
  span: Span,
  graph: OnnxGraph,
): Promise<void> {
  for await (const field of reader.fields(span)) {
    if (isBytes(field, 1)) {
      graph.nodes.push(await readNode(reader, field.span));
    } else if (isBytes(field, 5)) {
      const { name, constant } = await readTensor(reader, field.span);
      graph.constants.set(name, constant);
    } else if (isBytes(field, 15)) {
      const { name, constant } = await readSparseTensor(reader, field.span);
      graph.constants.set(name, constant);
    } else if (isBytes(field, 11)) {
      graph.inputs.push(await readName(reader, field.span));
    } else if (isBytes(field, 12)) {
      graph.outputs.push(await readName(reader, field.span));
    }
  }
}

async function readName(reader: ProtobufReader, span: Span): Promise<string> {
  for await (const field of reader.fields(span)) {
    if (isBytes(field, 1)) return reader.text(field.span, MAX_TEXT_BYTES);
  }
  return '';
}

async function readNode(reader: ProtobufReader, span: Span): Promise<OnnxNode> {
  const node: OnnxNode = {
    operator: '',
    domain: '',
    inputs: [],
    outputs: [],
    attributes: new Map(),
  };
  for await (const field of reader.fields(span)) {
    if (field.kind !== 'bytes') continue;
    const text = () => reader.text(field.span, MAX_TEXT_BYTES);
    if (field.number === 1) node.inputs.push(await text());
    else if (field.number === 2) node.outputs.push(await text());
    else if (field.number === 4) node.operator = await text();
    else if (field.number === 7) node.domain = await text();
    else if (field.number === 5) {
      const { name, attribute } = await readAttribute(reader, field.span);
      node.attributes.set(name, attribute);
    }
  }
  if (node.domain === 'ai.onnx') node.domain = '';
  return node;
}

async function readAttribute(
  reader: ProtobufReader,
  span: Span,
): Promise<{ name: string; attribute: OnnxAttribute }> {
  let name = '';
  const attribute: OnnxAttribute = { hasGraph: false };
  for await (const field of reader.fields(span)) {
    // Long lists are the weights of trees, and nothing behind them matters.
    const isList = field.number === 7 || field.number === 9;
    const isLong = (attribute.ints?.length ?? 0) > MAX_INTEGERS;
    if (name !== '' && (isList || isLong)) break;
    if (isBytes(field, 1)) {
      name = await reader.text(field.span, MAX_TEXT_BYTES);
    } else if (isVarint(field, 3)) attribute.int = field.value;
    else if (isBytes(field, 4)) {
      const { start, end } = field.span;
      // Longer ones are data, such as a vocabulary.
      if (end - start <= MAX_TEXT_BYTES) {
        const bytes = await reader.bytes(field.span, MAX_TEXT_BYTES);
        attribute.text = new TextDecoder().decode(bytes);
      }
    } else if (isBytes(field, 5)) {
      attribute.tensor = (await readTensor(reader, field.span)).constant;
    } else if (isBytes(field, 6) || isBytes(field, 11)) {
      attribute.hasGraph = true;
    } else if (isVarint(field, 8)) {
      attribute.ints = append(attribute.ints, [field.value]);
    } else if (isBytes(field, 8)) {
      const { start, end } = field.span;
      if (end - start > MAX_TEXT_BYTES) continue;
      const numbers = await reader.numbers(field.span);
      attribute.ints = append(attribute.ints, numbers);
    }
  }
  return { name, attribute };
}

function append(list: number[] = [], numbers: number[]): number[] {
  return [...list, ...numbers];
}

async function readTensor(
  reader: ProtobufReader,
  span: Span,
): Promise<{ name: string; constant: OnnxConstant }> {
  let name = '';
  let type = 0;
  const shape: number[] = [];
  const listed: number[] = [];
  let raw: Span | undefined;
  for await (const field of reader.fields(span, OTHER_ELEMENTS)) {
    if (isVarint(field, 1)) shape.push(field.value);
    else if (isBytes(field, 1))
      shape.push(...(await reader.numbers(field.span)));
    else if (isVarint(field, 2)) type = field.value;
    else if (isBytes(field, 8)) {
      name = await reader.text(field.span, MAX_TEXT_BYTES);
    } else if (isBytes(field, 9)) raw = field.span;
    else if (isVarint(field, 5) || isVarint(field, 7)) {
      if (listed.length <= MAX_INTEGERS) listed.push(field.value);
    } else if (isBytes(field, 5) || isBytes(field, 7)) {
      const { start, end } = field.span;
      if (end - start > MAX_INTEGERS * 10) continue;
      listed.push(...(await reader.numbers(field.span)));
    }
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const constant: OnnxConstant = { shape };
  if (count <= MAX_INTEGERS && (type === INT32 || type === INT64)) {
    const integers =
      raw === undefined ? listed : await readRaw(reader, raw, type);
    if (integers.length === count) constant.integers = integers;
  }
  return { name, constant };
}

async function readSparseTensor(
  reader: ProtobufReader,
  span: Span,
): Promise<{ name: string; constant: OnnxConstant }> {
  let name = '';
  const shape: number[] = [];
  for await (const field of reader.fields(span)) {
    if (isBytes(field, 1)) ({ name } = await readTensor(reader, field.span));
    else if (isVarint(field, 3)) shape.push(field.value);
    else if (isBytes(field, 3)) {
      shape.push(...(await reader.numbers(field.span)));
    }
  }
  return { name, constant: { shape } };
}

async function readRaw(
  reader: ProtobufReader,
  span: Span,
  type: typeof INT32 | typeof INT64,
): Promise<number[]> {
  const bytes = await reader.bytes(span, MAX_INTEGERS * 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = type === INT64 ? 8 : 4;
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, i) =>
    type === INT64
      ? Number(view.getBigInt64(i * width, true))
      : view.getInt32(i * width, true),
  );
}
