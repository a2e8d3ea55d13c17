import type { Edit } from './editBytes';
import { growth } from './editBytes';
import {
  bytesField,
  fieldHead,
  join,
  numberField,
  textField,
  type Encoded,
} from './encode';
import type { Message } from './readOutline';

/** `AttributeProto.AttributeType` of the format. */
const INT = 2;
const STRING = 3;

/** A `NodeProto` among the nodes of a graph. */
export function encodeNode(
  operator: string,
  io: { inputs: readonly string[]; outputs: readonly string[] },
  integers: Readonly<Record<string, number>> = {},
): Encoded {
  return bytesField(
    1,
    ...io.inputs.map(name => textField(1, name)),
    ...io.outputs.map(name => textField(2, name)),
    textField(4, operator),
    ...Object.entries(integers).map(([name, value]) =>
      bytesField(
        5,
        textField(1, name),
        numberField(3, value),
        numberField(20, INT),
      ),
    ),
  );
}

/** An `AttributeProto` of a node that is a text. */
export function encodeTextAttribute(name: string, value: string): Encoded {
  return bytesField(
    5,
    textField(1, name),
    textField(4, value),
    numberField(20, STRING),
  );
}

/** A `TypeProto` of a tensor. */
export function encodeTensorType(
  elementType: number,
  shape: readonly number[],
): Encoded {
  const sizes = shape.map(size =>
    size === -1 ? bytesField(1) : bytesField(1, numberField(1, size)),
  );
  return bytesField(1, numberField(1, elementType), bytesField(2, ...sizes));
}

/** A `ValueInfoProto` among the outputs of a graph. */
export function encodeOutput(name: string, type: Encoded): Encoded {
  return bytesField(12, textField(1, name), bytesField(2, type));
}

/** That the model needs the standard operators of a version, a field of the model. */
export function encodeOpset(version: number): Encoded {
  return bytesField(8, numberField(2, version));
}

/** The elements of a tensor, as lying in a file beside the model (fields of a `TensorProto`). */
export function encodeExternalData(place: {
  location: string;
  offset: number;
  length: number;
}): Encoded {
  const entries = Object.entries(place).map(([key, value]) =>
    bytesField(13, textField(1, key), textField(2, String(value))),
  );
  return join(...entries, numberField(14, 1));
}

/** Edits within a message, and the one of its length that they make necessary. */
export function within(
  field: number,
  { position, content }: Message,
  edits: readonly Edit[],
): Edit[] {
  if (edits.length === 0) return [];
  const length = content.end - content.start + growth(edits);
  const head = fieldHead(field, length);
  return [{ start: position, end: content.start, bytes: head }, ...edits];
}

/** Puts other fields in the place of one. */
export function replace(
  { position, content }: Message,
  ...fields: Encoded[]
): Edit {
  return { start: position, end: content.end, bytes: join(...fields) };
}
