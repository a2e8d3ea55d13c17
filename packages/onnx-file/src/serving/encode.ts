/** Content of a message on the wire, field by field. */
export type Encoded = Uint8Array;

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const text = new TextEncoder();

/** A whole number as protobuf writes it; negative ones as 64 bits. */
export function varint(value: number | bigint): Encoded {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export function join(...parts: readonly Encoded[]): Encoded {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function numberField(field: number, value: number | bigint): Encoded {
  return join(varint(field * 8 + VARINT), varint(value));
}

/** What stands before the content of a field: its number, and the content's length in bytes. */
export function fieldHead(field: number, length: number): Encoded {
  return join(varint(field * 8 + LENGTH_DELIMITED), varint(length));
}

export function bytesField(field: number, ...content: Encoded[]): Encoded {
  const whole = join(...content);
  return join(fieldHead(field, whole.length), whole);
}

export function textField(field: number, content: string): Encoded {
  return bytesField(field, text.encode(content));
}
