import type Long from 'long';

/** All digits of a 64-bit integer, as it is signed or not. */
export function toBigInt(value: Long): bigint {
  const wide =
    (BigInt(value.getHighBitsUnsigned()) << 32n) |
    BigInt(value.getLowBitsUnsigned());
  return value.unsigned ? wide : BigInt.asIntN(64, wide);
}
