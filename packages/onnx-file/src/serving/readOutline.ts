import {
  ELEMENTS,
  isBytes,
  isVarint,
  ProtobufReader,
  type RandomAccessBytes,
  type Span,
} from '../ProtobufReader';
import { readType, type ValueType } from './types';

/** A field that is a message: all of it, and what it holds. */
export interface Message {
  /** Where the field begins, with its number and length. */
  position: number;
  content: Span;
}

export interface NodeOutline extends Message {
  operator: string;
  /** Empty for the standard operators. */
  domain: string;
  /** Names of values; empty for an optional input that is not there. */
  inputs: string[];
  outputs: string[];
  /** In the order of the file. */
  attributes: (Message & { name: string })[];
}

export interface ValueOutline extends Message {
  name: string;
  /** Undefined where none is declared. */
  type: ValueType | undefined;
}

/** A tensor in the file whose elements are raw bytes. */
export interface RawTensor extends Message {
  /** The field with the elements. */
  raw: Message;
}

/** What stands where in an ONNX file, as far as its serving needs to know. */
export interface ModelOutline {
  /** Version of the standard operators; undefined when the file asks for none. */
  opset: number | undefined;
  graph: Message;
  nodes: NodeOutline[];
  inputs: ValueOutline[];
  outputs: ValueOutline[];
  /** What else the graph declares of its values. */
  values: ValueOutline[];
  /** Names of the constants. */
  constants: Set<string>;
  /** Real numbers of at least {@link LARGE_BYTES} bytes, with their place in the file. */
  large: RawTensor[];
}

const MAX_TEXT_BYTES = 4096;
export const LARGE_BYTES = 1024 * 1024;
/** `TensorProto.DataType` of single, half and double precision. */
const REALS = new Set([1, 10, 11]);

/** @returns undefined for a file that has no graph, or more than one. */
export async function readOutline(
  source: RandomAccessBytes,
): Promise<ModelOutline | undefined> {
  const reader = new ProtobufReader(source);
  let opset: number | undefined;
  const graphs: Message[] = [];
  for await (const field of reader.fields({
    start: 0,
    end: source.sizeBytes,
  })) {
    if (isBytes(field, 7)) {
      graphs.push({ position: field.position, content: field.span });
    } else if (isBytes(field, 8)) {
      opset = (await readOpset(reader, field.span)) ?? opset;
    }
  }
  if (graphs.length !== 1) return undefined;
  const outline: ModelOutline = {
    opset,
    graph: graphs[0],
    nodes: [],
    inputs: [],
    outputs: [],
    values: [],
    constants: new Set(),
    large: [],
  };
  await readGraph(reader, outline);
  return outline;
}

/** @returns undefined for the operators of another domain. */
async function readOpset(
  reader: ProtobufReader,
  span: Span,
): Promise<number | undefined> {
  let domain = '';
  let version = 0;
  for await (const field of reader.fields(span)) {
    if (isBytes(field, 1)) {
      domain = await reader.text(field.span, MAX_TEXT_BYTES);
    } else if (isVarint(field, 2)) version = field.value;
  }
  return domain === '' || domain === 'ai.onnx' ? version : undefined;
}

async function readGraph(
  reader: ProtobufReader,
  outline: ModelOutline,
): Promise<void> {
  for await (const field of reader.fields(outline.graph.content)) {
    if (field.kind !== 'bytes') continue;
    const message = { position: field.position, content: field.span };
    if (field.number === 1) {
      outline.nodes.push(await readNode(reader, message));
    } else if (field.number === 5) {
      await readConstant(reader, message, outline);
    } else if (field.number === 11) {
      outline.inputs.push(await readValue(reader, message));
    } else if (field.number === 12) {
      outline.outputs.push(await readValue(reader, message));
    } else if (field.number === 13) {
      outline.values.push(await readValue(reader, message));
    }
  }
}

async function readNode(
  reader: ProtobufReader,
  message: Message,
): Promise<NodeOutline> {
  const node: NodeOutline = {
    ...message,
    operator: '',
    domain: '',
    inputs: [],
    outputs: [],
    attributes: [],
  };
  for await (const field of reader.fields(message.content)) {
    if (field.kind !== 'bytes') continue;
    const text = () => reader.text(field.span, MAX_TEXT_BYTES);
    if (field.number === 1) node.inputs.push(await text());
    else if (field.number === 2) node.outputs.push(await text());
    else if (field.number === 4) node.operator = await text();
    else if (field.number === 7) node.domain = await text();
    else if (field.number === 5) {
      node.attributes.push({
        position: field.position,
        content: field.span,
        name: await readName(reader, field.span, 1),
      });
    }
  }
  if (node.domain === 'ai.onnx') node.domain = '';
  return node;
}

async function readValue(
  reader: ProtobufReader,
  message: Message,
): Promise<ValueOutline> {
  const value: ValueOutline = { ...message, name: '', type: undefined };
  for await (const field of reader.fields(message.content)) {
    if (isBytes(field, 1)) {
      value.name = await reader.text(field.span, MAX_TEXT_BYTES);
    } else if (isBytes(field, 2)) {
      value.type = await readType(reader, field.span);
    }
  }
  return value;
}

async function readConstant(
  reader: ProtobufReader,
  message: Message,
  outline: ModelOutline,
): Promise<void> {
  let name = '';
  let type = 0;
  let raw: Message | undefined;
  for await (const field of reader.fields(message.content, ELEMENTS)) {
    if (isVarint(field, 2)) type = field.value;
    else if (isBytes(field, 8)) {
      name = await reader.text(field.span, MAX_TEXT_BYTES);
    } else if (isBytes(field, 9)) {
      raw = { position: field.position, content: field.span };
    }
  }
  if (raw && raw.content.end - raw.content.start >= LARGE_BYTES) {
    // Whole numbers may be shapes, which a runtime wants to see when it loads.
    if (REALS.has(type)) outline.large.push({ ...message, raw });
  }
  outline.constants.add(name);
}

async function readName(
  reader: ProtobufReader,
  span: Span,
  number: number,
): Promise<string> {
  for await (const field of reader.fields(span)) {
    if (isBytes(field, number)) return reader.text(field.span, MAX_TEXT_BYTES);
  }
  return '';
}
