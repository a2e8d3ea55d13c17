const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/**
 * Bits of the half-precision number nearest to a number, of two that are as near the one whose last
 * bit is 0. In arithmetic, since the oldest Node that this runs on has no `Float16Array`.
 */
export function toHalf(value: number): number {
  single[0] = value;
  const [bits] = singleBits;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | (fraction === 0 ? 0x7c00 : 0x7e00);
  // The magnitude by which a half counts here: 2^-24 below its smallest normal number.
  const step = Math.max(exponent - 127, -14) - 10;
  const steps = roundToEven(Math.abs(single[0]) / 2 ** step);
  if (step === -24) return sign | steps;
  // A fraction that is rounded up to the next power of two carries into the exponent by itself.
  const half = ((step + 25) << 10) + (steps - 1024);
  return sign | Math.min(half, 0x7c00);
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
