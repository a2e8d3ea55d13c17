import {
  isBytes,
  isVarint,
  type ProtobufReader,
  type Span,
} from '../ProtobufReader';

/** What a value of a graph is. */
export type ValueType =
  | {
      kind: 'tensor';
      /** `TensorProto.DataType` of the format. */
      elementType: number;
      /** -1: a free dimension; undefined where not even their number is said. */
      shape: number[] | undefined;
      /** The message that says it (`TypeProto`). */
      span: Span;
    }
  | { kind: 'sequence' | 'optional'; of: ValueType | undefined }
  | { kind: 'map' | 'opaque' | 'sparse' };

/** Sequences of optional sequences of ...; more is an attack. */
const MAX_DEPTH = 8;

/** Reads a `TypeProto`. @returns undefined for one that says nothing. */
export async function readType(
  reader: ProtobufReader,
  span: Span,
  depth = 0,
): Promise<ValueType | undefined> {
  if (depth > MAX_DEPTH) return undefined;
  for await (const field of reader.fields(span)) {
    if (field.kind !== 'bytes') continue;
    switch (field.number) {
      case 1:
        return readTensorType(reader, field.span, span);
      case 4:
        return { kind: 'sequence', of: await inner(reader, field.span, depth) };
      case 5:
        return { kind: 'map' };
      case 7:
        return { kind: 'opaque' };
      case 8:
        return { kind: 'sparse' };
      case 9:
        return { kind: 'optional', of: await inner(reader, field.span, depth) };
      default:
    }
  }
  return undefined;
}

async function inner(
  reader: ProtobufReader,
  span: Span,
  depth: number,
): Promise<ValueType | undefined> {
  for await (const field of reader.fields(span)) {
    if (isBytes(field, 1)) return readType(reader, field.span, depth + 1);
  }
  return undefined;
}

async function readTensorType(
  reader: ProtobufReader,
  tensor: Span,
  span: Span,
): Promise<ValueType> {
  let elementType = 0;
  let shape: number[] | undefined;
  for await (const field of reader.fields(tensor)) {
    if (isVarint(field, 1)) elementType = field.value;
    else if (isBytes(field, 2)) {
      shape = [];
      for await (const dimension of reader.fields(field.span)) {
        if (!isBytes(dimension, 1)) continue;
        let size = -1;
        for await (const part of reader.fields(dimension.span)) {
          if (isVarint(part, 1) && part.value >= 0) size = part.value;
        }
        shape.push(size);
      }
    }
  }
  return { kind: 'tensor', elementType, shape, span };
}
