const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** @param bits - of a number of the datatype BF16: the upper half of a single-precision one */
export function fromBfloat16(bits: number): number {
  singleBits[0] = bits << 16;
  return single[0];
}

/** Bits of the BF16 number nearest to a number, of two that are as near the one whose last bit is 0. */
export function toBfloat16(value: number): number {
  single[0] = value;
  const [bits] = singleBits;
  // What is rounded must not carry a NaN into an infinity.
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  const lastBit = (bits >>> 16) & 1;
  return ((bits + 0x7fff + lastBit) / 0x10000) & 0xffff;
}
